extension StatCatalogue {
  /// What an idle vtgate of 22.0.3 exports: names, types, labels and standing values, as recorded.
  static let vtgate22 = #"""
    M|go_gc_duration_seconds|summary|quantile|A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles.
    |0|8.6088e-05
    |0.25|8.6088e-05
    |0.5|0.000177752
    |0.75|0.000336677
    |1|0.000336677
    ||_sum 0.000600517
    ||_count 3
    M|go_gc_gogc_percent|gauge||Heap size target percentage configured by the user, otherwise 100. This value is set by the GOGC environment variable, and the runtime/debug.SetGCPercent function. Sourced from /gc/gogc:percent.
    ||100
    M|go_gc_gomemlimit_bytes|gauge||Go runtime memory limit configured by the user, otherwise math.MaxInt64. This value is set by the GOMEMLIMIT environment variable, and the runtime/debug.SetMemoryLimit function. Sourced from /gc/gomemlimit:bytes.
    ||9.223372036854776e+18
    M|go_goroutines|gauge||Number of goroutines that currently exist.
    ||78
    M|go_info|gauge|version|Information about the Go environment.
    |go1.24.11|1
    M|go_memstats_alloc_bytes|gauge||Number of bytes allocated in heap and currently in use. Equals to /memory/classes/heap/objects:bytes.
    ||8.551832e+06
    M|go_memstats_alloc_bytes_total|counter||Total number of bytes allocated in heap until now, even if released already. Equals to /gc/heap/allocs:bytes.
    ||1.1009568e+07
    M|go_memstats_buck_hash_sys_bytes|gauge||Number of bytes used by the profiling bucket hash table. Equals to /memory/classes/profiling/buckets:bytes.
    ||1.459037e+06
    M|go_memstats_frees_total|counter||Total number of heap objects frees. Equals to /gc/heap/frees:objects + /gc/heap/tiny/allocs:objects.
    ||15306
    M|go_memstats_gc_sys_bytes|gauge||Number of bytes used for garbage collection system metadata. Equals to /memory/classes/metadata/other:bytes.
    ||3.548112e+06
    M|go_memstats_heap_alloc_bytes|gauge||Number of heap bytes allocated and currently in use, same as go_memstats_alloc_bytes. Equals to /memory/classes/heap/objects:bytes.
    ||8.551832e+06
    M|go_memstats_heap_idle_bytes|gauge||Number of heap bytes waiting to be used. Equals to /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.
    ||704512
    M|go_memstats_heap_inuse_bytes|gauge||Number of heap bytes that are in use. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes
    ||1.0993664e+07
    M|go_memstats_heap_objects|gauge||Number of currently allocated objects. Equals to /gc/heap/objects:objects.
    ||32366
    M|go_memstats_heap_released_bytes|gauge||Number of heap bytes released to OS. Equals to /memory/classes/heap/released:bytes.
    ||638976
    M|go_memstats_heap_sys_bytes|gauge||Number of heap bytes obtained from system. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes + /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.
    ||1.1698176e+07
    M|go_memstats_last_gc_time_seconds|gauge||Number of seconds since 1970 of last garbage collection.
    ||1.7952334781380532e+09
    M|go_memstats_mallocs_total|counter||Total number of heap objects allocated, both live and gc-ed. Semantically a counter version for go_memstats_heap_objects gauge. Equals to /gc/heap/allocs:objects + /gc/heap/tiny/allocs:objects.
    ||47672
    M|go_memstats_mcache_inuse_bytes|gauge||Number of bytes in use by mcache structures. Equals to /memory/classes/metadata/mcache/inuse:bytes.
    ||2416
    M|go_memstats_mcache_sys_bytes|gauge||Number of bytes used for mcache structures obtained from system. Equals to /memory/classes/metadata/mcache/inuse:bytes + /memory/classes/metadata/mcache/free:bytes.
    ||15704
    M|go_memstats_mspan_inuse_bytes|gauge||Number of bytes in use by mspan structures. Equals to /memory/classes/metadata/mspan/inuse:bytes.
    ||126400
    M|go_memstats_mspan_sys_bytes|gauge||Number of bytes used for mspan structures obtained from system. Equals to /memory/classes/metadata/mspan/inuse:bytes + /memory/classes/metadata/mspan/free:bytes.
    ||130560
    M|go_memstats_next_gc_bytes|gauge||Number of heap bytes when next garbage collection will take place. Equals to /gc/heap/goal:bytes.
    ||1.4747266e+07
    M|go_memstats_other_sys_bytes|gauge||Number of bytes used for other system allocations. Equals to /memory/classes/other:bytes.
    ||701059
    M|go_memstats_stack_inuse_bytes|gauge||Number of bytes obtained from system for stack allocator in non-CGO environments. Equals to /memory/classes/heap/stacks:bytes.
    ||884736
    M|go_memstats_stack_sys_bytes|gauge||Number of bytes obtained from system for stack allocator. Equals to /memory/classes/heap/stacks:bytes + /memory/classes/os-stacks:bytes.
    ||884736
    M|go_memstats_sys_bytes|gauge||Number of bytes obtained from system. Equals to /memory/classes/total:byte.
    ||1.8437384e+07
    M|go_sched_gomaxprocs_threads|gauge||The current runtime.GOMAXPROCS setting, or the number of operating system threads that can execute user-level Go code simultaneously. Sourced from /sched/gomaxprocs:threads.
    ||2
    M|go_threads|gauge||Number of OS threads created.
    ||8
    M|process_cpu_seconds_total|counter||Total user and system CPU time spent in seconds.
    ||0.04
    M|process_max_fds|gauge||Maximum number of open file descriptors.
    ||20000
    M|process_network_receive_bytes_total|counter||Number of bytes received by the process over the network.
    ||6.702627825e+09
    M|process_network_transmit_bytes_total|counter||Number of bytes sent by the process over the network.
    ||6.33175593e+09
    M|process_open_fds|gauge||Number of open file descriptors.
    ||19
    M|process_resident_memory_bytes|gauge||Resident memory size in bytes.
    ||5.081088e+07
    M|process_start_time_seconds|gauge||Start time of the process since unix epoch in seconds.
    ||1.79523347796e+09
    M|process_virtual_memory_bytes|gauge||Virtual memory size in bytes.
    ||1.309802496e+09
    M|process_virtual_memory_max_bytes|gauge||Maximum amount of virtual memory available in bytes.
    ||1.8446744073709552e+19
    M|promhttp_metric_handler_requests_in_flight|gauge||Current number of scrapes being served.
    ||1
    M|promhttp_metric_handler_requests_total|counter|code|Total number of scrapes by HTTP status code.
    |200|0
    |500|0
    |503|0
    V|VtgateApi|histogram|operation,keyspace,db_type|VtgateApi timings
    V|VtgateApiRowsAffected|counter|operation,keyspace,db_type|Rows affected by a write (DML) operation through the VTgate API
    V|VtgateApiRowsReturned|counter|operation,keyspace,db_type|Rows returned through the VTgate API
    V|backup_duration_seconds|gauge||[DEPRECATED] How long it took to complete the last backup operation (in seconds)
    ||0
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
    |local,local,-62135596800,53de5fdf419b30f89d14ad2a3412235c3d9aabbe,,0|1
    V|BuildNumber|gauge||build number
    ||0
    V|BuildTimestamp|gauge||build timestamp
    ||-6.21355968e+10
    V|CommitUnresolved|counter||Atomic Commit failed to conclude after commit decision is made
    ||0
    V|CompressedTransactionPayloadsInMemory|counter||The number of compressed binlog transaction payloads that were processed in memory
    ||0
    V|CompressedTransactionPayloadsViaStream|counter||The number of compressed binlog transaction payloads that were processed using a stream
    ||0
    V|GatewayStatsChanFullCount|counter||The number of times the queryInfo buffer becomes full
    ||0
    V|HealthCheckChannelFullErrors|counter||Number of times the healthcheck broadcast channel was full
    ||0
    V|HealthcheckChecksum|gauge||crc32 checksum of the current healthcheck state
    ||2.088709355e+09
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
    |Connect|0.000602411 0,1,0,0,0,0,0,0,0,0,0
    |Query|0.000208508 1,0,0,0,0,0,0,0,0,0,0
    V|PartialSuccessScatterQueries|counter||Count of partially successful scatter queries
    ||0
    V|QueriesProcessed|counter|plan|Deprecated: Queries processed at vtgate by plan type
    V|QueriesRouted|counter|plan|Deprecated: Queries routed from vtgate to vttablet by plan type
    V|QueryExecutions|counter|query,plan,tablet|Counts queries executed at VTGate by query type, plan type, and tablet type.
    V|QueryExecutionsByTable|counter|query,table|Counts queries executed at VTGate per table by query type and table.
    V|QueryPlanCacheCapacity|gauge||Query plan cache capacity
    ||3.3554432e+07
    V|QueryPlanCacheEvictions|counter||Query plan cache evictions
    ||0
    V|QueryPlanCacheHits|counter||Query plan cache hits
    ||0
    V|QueryPlanCacheLength|gauge||Query plan cache length
    ||0
    V|QueryPlanCacheMisses|counter||Query plan cache misses
    ||1
    V|QueryPlanCacheSize|gauge||Query plan cache size
    ||0
    V|QueryRoutes|counter|query,plan,tablet|Counts queries routed from VTGate to VTTablet by query type, plan type, and tablet type.
    V|VtgateQueryTextCharactersProcessed|counter|operation,keyspace,db_type|Query text characters processed through the VTGate API
    V|ResilientSrvTopoServer|counter|type|Resilient srvtopo server operations
    |query|8
    V|restore_duration_seconds|gauge||[DEPRECATED] How long it took to complete the last restore operation (in seconds)
    ||0
    V|SidecarDBDDLErrorCount|counter||Number of errors during sidecar schema upgrade
    ||0
    V|SidecarDBDDLQueryCount|counter||Number of queries executed
    ||0
    V|StreamlogSend|counter|logger_names|stream log send count
    V|ThrottlerCheckAnyError|counter||total number of failed checks
    ||0
    V|ThrottlerCheckAnyTotal|counter||total number of checks
    ||0
    V|ThrottlerHeartbeatRequests|counter||heartbeat requests
    ||0
    V|ThrottlerProbeRecentlyChecked|counter||probe recently checked
    ||0
    V|TopologyConnOperations|histogram|operation,cell|TopologyConnOperations timings
    |Get,global|0.003097901 6,0,1,0,0,0,0,0,0,0,0
    |ListDir,global|0.000931437 0,1,0,0,0,0,0,0,0,0,0
    |Get,zone1|0.000511316 2,0,0,0,0,0,0,0,0,0,0
    |List,zone1|0.000599035 0,1,0,0,0,0,0,0,0,0,0
    |ListDir,zone1|0.000523473 2,0,0,0,0,0,0,0,0,0,0
    |Watch,zone1|0.00513995 0,1,1,0,0,0,0,0,0,0,0
    V|TopologyConnReadWaits|histogram|operation,cell|TopologyConnReadWait timings
    |Get,global|3.875e-06 7,0,0,0,0,0,0,0,0,0,0
    |ListDir,global|1.252e-06 1,0,0,0,0,0,0,0,0,0,0
    |Get,zone1|4.81e-07 2,0,0,0,0,0,0,0,0,0,0
    |List,zone1|1.51e-07 1,0,0,0,0,0,0,0,0,0,0
    |ListDir,zone1|1.032e-06 2,0,0,0,0,0,0,0,0,0,0
    V|TopologyWatcherChecksum|gauge||crc32 checksum of the topology watcher state
    ||3.149726208e+09
    V|TopologyWatcherErrors|counter|operation|Topology watcher error counts
    |GetTablet|0
    |ListTablets|0
    V|TopologyWatcherMaxRefreshLag|gauge||maximum time since the topology watcher refreshed a cell
    ||0.685209359|687283115
    V|TopologyWatcherOperations|counter|operation|Topology watcher operation counts
    |AddTablet|3
    |GetTablet|0
    |ListTablets|1
    |RemoveTablet|0
    |ReplaceTablet|0
    V|Uptime|gauge||Uptime in nanoseconds
    V|VStreamEventsDelayedBySkewAlignment|counter||Number of events that had to wait because the skew across shards was too high
    ||0
    V|VindexUnknownParameters|gauge||Number of parameters unrecognized by Vindexes
    ||0
    V|VtgateVSchemaCounts|counter|changes|Vtgate vschema counts
    |Reload|1
    V|VtGateWarnings|counter|type|Vtgate warnings
    |IgnoredSet|0
    |NonAtomicCommit|0
    |ResultsExceeded|0
    |WarnPayloadSizeExceeded|0
    |WarnUnshardedOnly|0
    J|BuildGitBranch|""
    J|BuildGitRev|"53de5fdf419b30f89d14ad2a3412235c3d9aabbe"
    J|BuildHost|"local"
    J|BuildUser|"local"
    J|CommitModeTimings|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|ErrorsByCode|{}
    J|ErrorsByDbType|{}
    J|ErrorsByKeyspace|{}
    J|ErrorsByOperation|{}
    J|GoArch|"amd64"
    J|GoOS|"linux"
    J|GoVersion|"go1.24.11"
    J|GrpcVersion|"1.71.1"
    J|QPSByDbType|{}
    J|QPSByKeyspace|{}
    J|QPSByOperation|{}
    J|ReplicaWarmingReadsMirrored|{}
    J|SidecarDBDDLErrors|{}
    J|StreamlogDelivered|{}
    J|StreamlogDeliveryDroppedMessages|{}
    J|TabletPickerNoTabletFoundErrorCount|{}
    J|TopologyConnErrors|{}
    J|VStreamsCount|{}
    J|VStreamsCreated|{}
    J|VStreamsEndedWithErrors|{}
    J|VStreamsEventsStreamed|{}
    J|VStreamsLag|{}
    V|VtgateApiErrorCounts|counter||Vtgate API error counts per error type
    V|BufferLastFailoverDurationMs|gauge||Buffered requests during the last failover. The value for a given shard will be reset at the next failover.
    V|BufferLastRequestsDryRunMax|gauge||Max # of requests which were seen during a dry-run buffering of the last failover
    V|BufferLastRequestsInFlightMax|gauge||The max value of buffered requests in flight of the last failover. The value for a given shard will be reset at the next failover.
    V|HealthcheckPrimaryPromoted|counter||Primary promoted in keyspace/shard name because of health check errors
    V|QueriesProcessedByTable|counter||Deprecated: Queries processed at vtgate by plan type, keyspace and table
    V|QueriesRoutedByTable|counter||Deprecated: Queries routed from vtgate to vttablet by plan type, keyspace and table
    V|VttabletCall|histogram||Scatter connection timings
    V|VttabletCallErrorCount|counter||Error count from tablet calls in scatter conns
    """#
}
