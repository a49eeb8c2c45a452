extension StatCatalogue {
  /// What an idle vtgate of 16.0.7 exports: names, types, labels and standing values, as recorded.
  static let vtgate16 = #"""
    M|go_gc_duration_seconds|summary|quantile|A summary of the pause duration of garbage collection cycles.
    |0|6.5402e-05
    |0.25|6.5402e-05
    |0.5|9.3539e-05
    |0.75|0.000804519
    |1|0.000804519
    ||_sum 0.00096346
    ||_count 3
    M|go_goroutines|gauge||Number of goroutines that currently exist.
    ||75
    M|go_info|gauge|version|Information about the Go environment.
    |go1.21.13|1
    M|go_memstats_alloc_bytes|gauge||Number of bytes allocated and still in use.
    ||5.866664e+06
    M|go_memstats_alloc_bytes_total|counter||Total number of bytes allocated, even if freed.
    ||8.55752e+06
    M|go_memstats_buck_hash_sys_bytes|gauge||Number of bytes used by the profiling bucket hash table.
    ||1.454325e+06
    M|go_memstats_frees_total|counter||Total number of frees.
    ||16062
    M|go_memstats_gc_sys_bytes|gauge||Number of bytes used for garbage collection system metadata.
    ||4.25952e+06
    M|go_memstats_heap_alloc_bytes|gauge||Number of heap bytes allocated and still in use.
    ||5.866664e+06
    M|go_memstats_heap_idle_bytes|gauge||Number of heap bytes waiting to be used.
    ||3.842048e+06
    M|go_memstats_heap_inuse_bytes|gauge||Number of heap bytes that are in use.
    ||7.725056e+06
    M|go_memstats_heap_objects|gauge||Number of allocated objects.
    ||24309
    M|go_memstats_heap_released_bytes|gauge||Number of heap bytes released to OS.
    ||2.78528e+06
    M|go_memstats_heap_sys_bytes|gauge||Number of heap bytes obtained from system.
    ||1.1567104e+07
    M|go_memstats_last_gc_time_seconds|gauge||Number of seconds since 1970 of last garbage collection.
    ||1.7952311770905936e+09
    M|go_memstats_lookups_total|counter||Total number of pointer lookups.
    ||0
    M|go_memstats_mallocs_total|counter||Total number of mallocs.
    ||40371
    M|go_memstats_mcache_inuse_bytes|gauge||Number of bytes in use by mcache structures.
    ||2400
    M|go_memstats_mcache_sys_bytes|gauge||Number of bytes used for mcache structures obtained from system.
    ||15600
    M|go_memstats_mspan_inuse_bytes|gauge||Number of bytes in use by mspan structures.
    ||100128
    M|go_memstats_mspan_sys_bytes|gauge||Number of bytes used for mspan structures obtained from system.
    ||114072
    M|go_memstats_next_gc_bytes|gauge||Number of heap bytes when next garbage collection will take place.
    ||1.1753792e+07
    M|go_memstats_other_sys_bytes|gauge||Number of bytes used for other system allocations.
    ||551627
    M|go_memstats_stack_inuse_bytes|gauge||Number of bytes in use by the stack allocator.
    ||1.015808e+06
    M|go_memstats_stack_sys_bytes|gauge||Number of bytes obtained from system for stack allocator.
    ||1.015808e+06
    M|go_memstats_sys_bytes|gauge||Number of bytes obtained from system.
    ||1.8978056e+07
    M|go_threads|gauge||Number of OS threads created.
    ||8
    M|process_cpu_seconds_total|counter||Total user and system CPU time spent in seconds.
    ||0.03
    M|process_max_fds|gauge||Maximum number of open file descriptors.
    ||20000
    M|process_open_fds|gauge||Number of open file descriptors.
    ||21
    M|process_resident_memory_bytes|gauge||Resident memory size in bytes.
    ||3.2575488e+07
    M|process_start_time_seconds|gauge||Start time of the process since unix epoch in seconds.
    ||1.79523117631e+09
    M|process_virtual_memory_bytes|gauge||Virtual memory size in bytes.
    ||1.293828096e+09
    M|process_virtual_memory_max_bytes|gauge||Maximum amount of virtual memory available in bytes.
    ||1.8446744073709552e+19
    M|promhttp_metric_handler_requests_in_flight|gauge||Current number of scrapes being served.
    ||1
    M|promhttp_metric_handler_requests_total|counter|code|Total number of scrapes by HTTP status code.
    |200|1
    |500|0
    |503|0
    V|VtgateApi|histogram|operation,keyspace,db_type|VtgateApi timings
    V|VtgateApiRowsAffected|counter|operation,keyspace,db_type|Rows affected by a write (DML) operation through the VTgate API
    V|VtgateApiRowsReturned|counter|operation,keyspace,db_type|Rows returned through the VTgate API
    V|BufferFailoverDurationSumMs|counter|keyspace,shard_name|Total buffering failover duration
    V|BufferRequestsBuffered|counter|keyspace,shard_name|Buffered requests
    V|BufferRequestsBufferedDryRun|counter|keyspace,shard_name|Buffered requests (dry-run)
    V|BufferRequestsDrained|counter|keyspace,shard_name|Drained buffered requests
    V|BufferRequestsEvicted|counter|keyspace,shard_name,reason|Evicted buffered requests
    V|BufferRequestsSkipped|counter|keyspace,shard_name,reason|Skipped buffering requests (incl. dry-run)
    V|BufferSize|gauge||The configured per vtgate buffer size
    V|BufferStarts|counter|keyspace,shard_name|Buffering operation starts, including dry-run
    V|BufferStops|counter|keyspace,shard_name,reason|Buffering operation stops, including dry-runs
    V|BufferUtilizationDryRunSum|counter|keyspace,shard_name|Cumulative buffer utilization % during failover (dry-run)
    V|BufferUtilizationSum|gauge|keyspace,shard_name|Cumulative buffer utilization (in %) during failover
    V|BuildInformation|gauge|build_host,build_user,build_timestamp,build_git_rev,build_git_branch,build_number|build information exposed via label
    |local,local,-62135596800,6c9f87de69a1,,0|1
    V|BuildNumber|gauge||build number
    ||0
    V|BuildTimestamp|gauge||build timestamp
    ||-6.21355968e+10
    V|GatewayStatsChanFullCount|counter||The number of times the queryInfo buffer becomes full
    ||0
    V|HealthcheckChecksum|gauge||crc32 checksum of the current healthcheck state
    ||1.039654176e+09
    V|HealthcheckConnections|gauge|keyspace,shard_name,tablet_type|the number of healthcheck connections registered
    V|HealthcheckErrors|counter|keyspace,shard_name,tablet_type|Healthcheck Errors
    V|MaxFds|gauge||File descriptor limit
    ||20000
    V|MysqlServerConnAccepted|counter||Connections accepted by MySQL server
    V|MysqlServerConnCount|gauge||Active MySQL server connections
    V|MysqlServerConnCountByTLSVer|gauge|tls|Active MySQL server connections by TLS version
    V|MysqlServerConnCountPerUser|gauge|count|Active MySQL server connections per user
    V|MysqlServerConnCountUnauthenticated|gauge||Active MySQL server connections that haven't authenticated yet
    ||0
    V|MysqlServerConnRefused|counter||Connections refused by MySQL server
    ||0
    V|MysqlServerConnSlow|counter||Connections that took more than the configured mysql_slow_connect_warn_threshold to establish
    ||0
    V|MysqlServerTimings|histogram|operation|MySQL server timings
    |Connect|0.000810283 0,1,0,0,0,0,0,0,0,0,0
    |Query|0.000188999 1,0,0,0,0,0,0,0,0,0,0
    V|PartialSuccessScatterQueries|counter||Count of partially successful scatter queries
    ||0
    V|QueriesProcessed|counter|plan|Queries processed at vtgate by plan type
    V|QueriesRouted|counter|plan|Queries routed from vtgate to vttablet by plan type
    V|QueryPlanCacheCapacity|gauge||Query plan cache capacity
    ||3.3554432e+07
    V|QueryPlanCacheEvictions|counter||Query plan cache evictions
    ||0
    V|QueryPlanCacheHits|counter||Query plan cache hits
    ||0
    V|QueryPlanCacheLength|gauge||Query plan cache length
    ||1
    V|QueryPlanCacheMisses|counter||Query plan cache misses
    ||1
    V|QueryPlanCacheSize|gauge||Query plan cache size
    ||448
    V|StreamlogSend|counter|logger_names|stream log send count
    V|TopologyConnOperations|histogram|operation,cell|TopologyConnOperations timings
    |Get,global|0.0067174 4,1,2,0,0,0,0,0,0,0,0
    |ListDir,global|0.000830203 0,1,0,0,0,0,0,0,0,0,0
    |Get,zone1|0.00112281 2,1,0,0,0,0,0,0,0,0,0
    |ListDir,zone1|0.001095946 0,2,0,0,0,0,0,0,0,0,0
    |Watch,zone1|0.002858817 0,1,1,0,0,0,0,0,0,0,0
    V|TopologyWatcherChecksum|gauge||crc32 checksum of the topology watcher state
    ||3.149726208e+09
    V|TopologyWatcherErrors|counter|operation|Topology watcher error counts
    |GetTablet|0
    |ListTablets|0
    V|TopologyWatcherMaxRefreshLag|gauge||maximum time since the topology watcher refreshed a cell
    ||4.704980324|4706810148
    V|TopologyWatcherOperations|counter|operation|Topology watcher operation counts
    |AddTablet|3
    |GetTablet|3
    |ListTablets|1
    |RemoveTablet|0
    |ReplaceTablet|0
    V|VStreamEventsDelayedBySkewAlignment|counter||Number of events that had to wait because the skew across shards was too high
    ||0
    V|VtgateVSchemaCounts|counter|changes|Vtgate vschema counts
    |Reload|2
    V|VtGateWarnings|counter|type|Vtgate warnings
    |IgnoredSet|0
    |ResultsExceeded|0
    |WarnPayloadSizeExceeded|0
    J|BuildGitBranch|""
    J|BuildGitRev|"6c9f87de69a1"
    J|BuildHost|"local"
    J|BuildUser|"local"
    J|ErrorsByCode|{}
    J|ErrorsByDbType|{}
    J|ErrorsByKeyspace|{}
    J|ErrorsByOperation|{}
    J|GoArch|"amd64"
    J|GoOS|"linux"
    J|GoVersion|"go1.21.13"
    J|GrpcVersion|"1.59.0"
    J|QPSByDbType|{}
    J|QPSByKeyspace|{}
    J|QPSByOperation|{}
    J|StreamlogDelivered|{}
    J|StreamlogDeliveryDroppedMessages|{}
    J|TabletPickerNoTabletFoundErrorCount|{}
    J|TopologyConnErrors|{}
    V|VtgateApiErrorCounts|counter||Vtgate API error counts per error type
    V|BufferLastFailoverDurationMs|gauge||Buffered requests during the last failover. The value for a given shard will be reset at the next failover.
    V|BufferLastRequestsDryRunMax|gauge||Max # of requests which were seen during a dry-run buffering of the last failover
    V|BufferLastRequestsInFlightMax|gauge||The max value of buffered requests in flight of the last failover. The value for a given shard will be reset at the next failover.
    V|HealthcheckPrimaryPromoted|counter||Primary promoted in keyspace/shard name because of health check errors
    V|QueriesProcessedByTable|counter||Queries processed at vtgate by plan type, keyspace and table
    V|QueriesRoutedByTable|counter||Queries routed from vtgate to vttablet by plan type, keyspace and table
    V|VttabletCall|histogram||Scatter connection timings
    V|VttabletCallErrorCount|counter||Error count from tablet calls in scatter conns
    """#
}
