extension StatCatalogue {
  /// What an idle vttablet of 22.0.3 exports: names, types, labels and standing values, as recorded.
  static let vttablet22 = #"""
    M|go_gc_duration_seconds|summary|quantile|A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles.
    |0|3.5172e-05
    |0.25|5.6865e-05
    |0.5|0.000109047
    |0.75|0.000461773
    |1|0.007972307
    ||_sum 0.13403067
    ||_count 299
    M|go_gc_gogc_percent|gauge||Heap size target percentage configured by the user, otherwise 100. This value is set by the GOGC environment variable, and the runtime/debug.SetGCPercent function. Sourced from /gc/gogc:percent.
    ||100
    M|go_gc_gomemlimit_bytes|gauge||Go runtime memory limit configured by the user, otherwise math.MaxInt64. This value is set by the GOMEMLIMIT environment variable, and the runtime/debug.SetMemoryLimit function. Sourced from /gc/gomemlimit:bytes.
    ||9.223372036854776e+18
    M|go_goroutines|gauge||Number of goroutines that currently exist.
    ||191
    M|go_info|gauge|version|Information about the Go environment.
    |go1.24.11|1
    M|go_memstats_alloc_bytes|gauge||Number of bytes allocated in heap and currently in use. Equals to /memory/classes/heap/objects:bytes.
    ||1.1536296e+07
    M|go_memstats_alloc_bytes_total|counter||Total number of bytes allocated in heap until now, even if released already. Equals to /gc/heap/allocs:bytes.
    ||2.484382176e+09
    M|go_memstats_buck_hash_sys_bytes|gauge||Number of bytes used by the profiling bucket hash table. Equals to /memory/classes/profiling/buckets:bytes.
    ||1.597222e+06
    M|go_memstats_frees_total|counter||Total number of heap objects frees. Equals to /gc/heap/frees:objects + /gc/heap/tiny/allocs:objects.
    ||3.8914315e+07
    M|go_memstats_gc_sys_bytes|gauge||Number of bytes used for garbage collection system metadata. Equals to /memory/classes/metadata/other:bytes.
    ||3.903688e+06
    M|go_memstats_heap_alloc_bytes|gauge||Number of heap bytes allocated and currently in use, same as go_memstats_alloc_bytes. Equals to /memory/classes/heap/objects:bytes.
    ||1.1536296e+07
    M|go_memstats_heap_idle_bytes|gauge||Number of heap bytes waiting to be used. Equals to /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.
    ||5.709824e+06
    M|go_memstats_heap_inuse_bytes|gauge||Number of heap bytes that are in use. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes
    ||1.7948672e+07
    M|go_memstats_heap_objects|gauge||Number of currently allocated objects. Equals to /gc/heap/objects:objects.
    ||59231
    M|go_memstats_heap_released_bytes|gauge||Number of heap bytes released to OS. Equals to /memory/classes/heap/released:bytes.
    ||1.564672e+06
    M|go_memstats_heap_sys_bytes|gauge||Number of heap bytes obtained from system. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes + /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.
    ||2.3658496e+07
    M|go_memstats_last_gc_time_seconds|gauge||Number of seconds since 1970 of last garbage collection.
    ||1.7952339100803459e+09
    M|go_memstats_mallocs_total|counter||Total number of heap objects allocated, both live and gc-ed. Semantically a counter version for go_memstats_heap_objects gauge. Equals to /gc/heap/allocs:objects + /gc/heap/tiny/allocs:objects.
    ||3.8973546e+07
    M|go_memstats_mcache_inuse_bytes|gauge||Number of bytes in use by mcache structures. Equals to /memory/classes/metadata/mcache/inuse:bytes.
    ||2416
    M|go_memstats_mcache_sys_bytes|gauge||Number of bytes used for mcache structures obtained from system. Equals to /memory/classes/metadata/mcache/inuse:bytes + /memory/classes/metadata/mcache/free:bytes.
    ||15704
    M|go_memstats_mspan_inuse_bytes|gauge||Number of bytes in use by mspan structures. Equals to /memory/classes/metadata/mspan/inuse:bytes.
    ||259840
    M|go_memstats_mspan_sys_bytes|gauge||Number of bytes used for mspan structures obtained from system. Equals to /memory/classes/metadata/mspan/inuse:bytes + /memory/classes/metadata/mspan/free:bytes.
    ||326400
    M|go_memstats_next_gc_bytes|gauge||Number of heap bytes when next garbage collection will take place. Equals to /gc/heap/goal:bytes.
    ||2.0495178e+07
    M|go_memstats_other_sys_bytes|gauge||Number of bytes used for other system allocations. Equals to /memory/classes/other:bytes.
    ||797890
    M|go_memstats_stack_inuse_bytes|gauge||Number of bytes obtained from system for stack allocator in non-CGO environments. Equals to /memory/classes/heap/stacks:bytes.
    ||1.507328e+06
    M|go_memstats_stack_sys_bytes|gauge||Number of bytes obtained from system for stack allocator. Equals to /memory/classes/heap/stacks:bytes + /memory/classes/os-stacks:bytes.
    ||1.507328e+06
    M|go_memstats_sys_bytes|gauge||Number of bytes obtained from system. Equals to /memory/classes/total:byte.
    ||3.1806728e+07
    M|go_sched_gomaxprocs_threads|gauge||The current runtime.GOMAXPROCS setting, or the number of operating system threads that can execute user-level Go code simultaneously. Sourced from /sched/gomaxprocs:threads.
    ||2
    M|go_threads|gauge||Number of OS threads created.
    ||11
    M|process_cpu_seconds_total|counter||Total user and system CPU time spent in seconds.
    ||30.47
    M|process_max_fds|gauge||Maximum number of open file descriptors.
    ||20000
    M|process_network_receive_bytes_total|counter||Number of bytes received by the process over the network.
    ||8.091111971e+09
    M|process_network_transmit_bytes_total|counter||Number of bytes sent by the process over the network.
    ||7.72022614e+09
    M|process_open_fds|gauge||Number of open file descriptors.
    ||50
    M|process_resident_memory_bytes|gauge||Resident memory size in bytes.
    ||6.7403776e+07
    M|process_start_time_seconds|gauge||Start time of the process since unix epoch in seconds.
    ||1.79523304919e+09
    M|process_virtual_memory_bytes|gauge||Virtual memory size in bytes.
    ||1.311551488e+09
    M|process_virtual_memory_max_bytes|gauge||Maximum amount of virtual memory available in bytes.
    ||1.8446744073709552e+19
    M|promhttp_metric_handler_requests_in_flight|gauge||Current number of scrapes being served.
    ||1
    M|promhttp_metric_handler_requests_total|counter|code|Total number of scrapes by HTTP status code.
    |200|3096
    |500|0
    |503|0
    V|AppConnPoolActive|gauge||Tablet server conn pool active
    ||0
    V|AppConnPoolAvailable|gauge||Tablet server conn pool available
    ||40
    V|AppConnPoolCapacity|gauge||Tablet server conn pool capacity
    ||40
    V|AppConnPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|AppConnPoolGet|counter||Tablet server conn pool get count
    ||0
    V|AppConnPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|AppConnPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||40
    V|AppConnPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|AppConnPoolIdleTimeout|gauge||Tablet server idle timeout
    ||60|60000000000
    V|AppConnPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|AppConnPoolMaxCap|gauge||Tablet server conn pool max cap
    ||40
    V|AppConnPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|AppConnPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|AppConnPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|AppConnPoolWaitTime|counter||Tablet server wait time
    ||0
    V|backup_duration_seconds|gauge||[DEPRECATED] How long it took to complete the last backup operation (in seconds)
    ||0
    V|BuildInformation|gauge|build_host,build_user,build_timestamp,build_git_rev,build_git_branch,build_number|build information exposed via label
    |local,local,-62135596800,53de5fdf419b30f89d14ad2a3412235c3d9aabbe,,0|1
    V|BuildNumber|gauge||build number
    ||0
    V|BuildTimestamp|gauge||build timestamp
    ||-6.21355968e+10
    V|CheckMySQLRunning|gauge||Check MySQL operation currently in progress
    ||0
    V|CompressedTransactionPayloadsInMemory|counter||The number of compressed binlog transaction payloads that were processed in memory
    ||0
    V|CompressedTransactionPayloadsViaStream|counter||The number of compressed binlog transaction payloads that were processed using a stream
    ||0
    V|ConnPoolActive|gauge||Tablet server conn pool active
    ||6
    V|ConnPoolAvailable|gauge||Tablet server conn pool available
    ||16
    V|ConnPoolCapacity|gauge||Tablet server conn pool capacity
    ||16
    V|ConnPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|ConnPoolGet|counter||Tablet server conn pool get count
    ||22925|22930
    V|ConnPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.039320912 22920,3,2,0,0,0,0,0,0,0,0
    V|ConnPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|ConnPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||16
    V|ConnPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|ConnPoolIdleTimeout|gauge||Tablet server idle timeout
    ||1800|1800000000000
    V|ConnPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|ConnPoolMaxCap|gauge||Tablet server conn pool max cap
    ||16
    V|ConnPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|ConnPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|ConnPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|ConnPoolWaitTime|counter||Tablet server wait time
    ||0
    V|DbaConnPoolActive|gauge||Tablet server conn pool active
    ||3
    V|DbaConnPoolAvailable|gauge||Tablet server conn pool available
    ||20
    V|DbaConnPoolCapacity|gauge||Tablet server conn pool capacity
    ||20
    V|DbaConnPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|DbaConnPoolGet|counter||Tablet server conn pool get count
    ||252
    V|DbaConnPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|DbaConnPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||20
    V|DbaConnPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||14
    V|DbaConnPoolIdleTimeout|gauge||Tablet server idle timeout
    ||60|60000000000
    V|DbaConnPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|DbaConnPoolMaxCap|gauge||Tablet server conn pool max cap
    ||20
    V|DbaConnPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|DbaConnPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|DbaConnPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|DbaConnPoolWaitTime|counter||Tablet server wait time
    ||0
    V|Errors|counter|error_code|Critical errors
    |ABORTED|1
    |ALREADY_EXISTS|0
    |CANCELED|1
    |CLUSTER_EVENT|0
    |DATA_LOSS|0
    |DEADLINE_EXCEEDED|0
    |FAILED_PRECONDITION|0
    |INTERNAL|0
    |INVALID_ARGUMENT|0
    |NOT_FOUND|0
    |OK|0
    |OUT_OF_RANGE|0
    |PERMISSION_DENIED|0
    |RESOURCE_EXHAUSTED|0
    |UNAUTHENTICATED|0
    |UNAVAILABLE|0
    |UNIMPLEMENTED|0
    |UNKNOWN|0
    V|FailedMigrations|counter||Count of failed migrations, a subset of StartedMigrations
    ||0
    V|FoundRowsPoolActive|gauge||Tablet server conn pool active
    ||0
    V|FoundRowsPoolAvailable|gauge||Tablet server conn pool available
    ||20
    V|FoundRowsPoolCapacity|gauge||Tablet server conn pool capacity
    ||20
    V|FoundRowsPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|FoundRowsPoolGet|counter||Tablet server conn pool get count
    ||0
    V|FoundRowsPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|FoundRowsPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||20
    V|FoundRowsPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|FoundRowsPoolIdleTimeout|gauge||Tablet server idle timeout
    ||1800|1800000000000
    V|FoundRowsPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|FoundRowsPoolMaxCap|gauge||Tablet server conn pool max cap
    ||20
    V|FoundRowsPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|FoundRowsPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|FoundRowsPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|FoundRowsPoolWaitTime|counter||Tablet server wait time
    ||0
    V|GetThrottlerStatusRequest|counter||GetThrottlerStatus requests
    V|HealthCheckChannelFullErrors|counter||Number of times the healthcheck broadcast channel was full
    ||0
    V|HeartbeatCumulativeLagNs|counter||Incremented by the current lag at each heartbeat read interval
    V|HeartbeatCurrentLagNs|gauge||Point in time calculation of the heartbeat lag
    V|HeartbeatLagNsHistogram|histogram:0,1e+06,1e+07,1e+08,1e+09,1e+10,1e+11,1e+12||Histogram of lag values in nanoseconds
    ||4.05459627923e+11 0,0,0,1835,912,24,0,0,0
    V|HeartbeatReadErrors|counter||Count of errors encountered while reading heartbeats
    V|HeartbeatReadPoolActive|gauge||Tablet server conn pool active
    ||0
    V|HeartbeatReadPoolAvailable|gauge||Tablet server conn pool available
    ||0
    V|HeartbeatReadPoolCapacity|gauge||Tablet server conn pool capacity
    ||0
    V|HeartbeatReadPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|HeartbeatReadPoolGet|counter||Tablet server conn pool get count
    ||2771
    V|HeartbeatReadPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.015253656 2768,3,0,0,0,0,0,0,0,0,0
    V|HeartbeatReadPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|HeartbeatReadPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||0
    V|HeartbeatReadPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|HeartbeatReadPoolIdleTimeout|gauge||Tablet server idle timeout
    ||1800|1800000000000
    V|HeartbeatReadPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|HeartbeatReadPoolMaxCap|gauge||Tablet server conn pool max cap
    ||0
    V|HeartbeatReadPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|HeartbeatReadPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|HeartbeatReadPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|HeartbeatReadPoolWaitTime|counter||Tablet server wait time
    ||0
    V|HeartbeatReads|counter||Count of heartbeats read over time
    V|HeartbeatWriteAllPrivsPoolActive|gauge||Tablet server conn pool active
    ||0
    V|HeartbeatWriteAllPrivsPoolAvailable|gauge||Tablet server conn pool available
    ||2
    V|HeartbeatWriteAllPrivsPoolCapacity|gauge||Tablet server conn pool capacity
    ||2
    V|HeartbeatWriteAllPrivsPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|HeartbeatWriteAllPrivsPoolGet|counter||Tablet server conn pool get count
    ||0
    V|HeartbeatWriteAllPrivsPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|HeartbeatWriteAllPrivsPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||2
    V|HeartbeatWriteAllPrivsPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|HeartbeatWriteAllPrivsPoolIdleTimeout|gauge||Tablet server idle timeout
    ||60|60000000000
    V|HeartbeatWriteAllPrivsPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|HeartbeatWriteAllPrivsPoolMaxCap|gauge||Tablet server conn pool max cap
    ||2
    V|HeartbeatWriteAllPrivsPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|HeartbeatWriteAllPrivsPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|HeartbeatWriteAllPrivsPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|HeartbeatWriteAllPrivsPoolWaitTime|counter||Tablet server wait time
    ||0
    V|HeartbeatWriteAppPoolActive|gauge||Tablet server conn pool active
    ||1
    V|HeartbeatWriteAppPoolAvailable|gauge||Tablet server conn pool available
    ||2
    V|HeartbeatWriteAppPoolCapacity|gauge||Tablet server conn pool capacity
    ||2
    V|HeartbeatWriteAppPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|HeartbeatWriteAppPoolGet|counter||Tablet server conn pool get count
    ||644
    V|HeartbeatWriteAppPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|HeartbeatWriteAppPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||2
    V|HeartbeatWriteAppPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|HeartbeatWriteAppPoolIdleTimeout|gauge||Tablet server idle timeout
    ||60|60000000000
    V|HeartbeatWriteAppPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|HeartbeatWriteAppPoolMaxCap|gauge||Tablet server conn pool max cap
    ||2
    V|HeartbeatWriteAppPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|HeartbeatWriteAppPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|HeartbeatWriteAppPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|HeartbeatWriteAppPoolWaitTime|counter||Tablet server wait time
    ||0
    V|HeartbeatWriteErrors|counter||Count of errors encountered while writing heartbeats
    V|HeartbeatWrites|counter||Count of heartbeats written over time
    V|InnodbRowsRead|counter||number of rows read by mysql
    ||0
    V|InternalErrors|counter|type|Internal component errors
    |HungQuery|0
    |Messages|0
    |Panic|0
    |Schema|0
    |StrayTransactions|0
    |Task|0
    |TwopcCommit|0
    |TwopcResurrection|0
    |WatchdogFail|0
    V|IsInSrvKeyspace|gauge||Whether the vttablet is in the serving keyspace (1 = true / 0 = false)
    ||1
    V|Kills|counter|query_type|Number of connections being killed
    |Connections|1
    |Queries|0
    |ReservedConnection|0
    |Transactions|0
    V|MaxFds|gauge||File descriptor limit
    ||20000
    V|MaxResultSize|gauge||Query engine max result size
    ||10000
    V|Mysql|histogram|operation|MySQl query time
    |Connect|0.09085422 27,25,28,2,0,0,0,0,0,0,0
    |Exec|33.361699906 37972,10600,6037,152,17,0,0,0,1,0,0
    |ExecStream|0.00522007 6,4,0,0,0,0,0,0,0,0,0
    V|MysqlServerConnAccepted|counter||Connections accepted by MySQL server
    ||0
    V|MysqlServerConnCount|gauge||Active MySQL server connections
    ||0
    V|MysqlServerConnCountUnauthenticated|gauge||Active MySQL server connections that haven't authenticated yet
    ||0
    V|MysqlServerConnRefused|counter||Connections refused by MySQL server
    ||0
    V|MysqlServerConnSlow|counter||Connections that took more than the configured mysql_slow_connect_warn_threshold to establish
    ||0
    V|OlapTransactionTimeout|gauge||OLAP transaction timeout
    ||30|30000000000
    V|OnlineDDLExecutorPoolActive|gauge||Tablet server conn pool active
    ||1
    V|OnlineDDLExecutorPoolAvailable|gauge||Tablet server conn pool available
    ||3
    V|OnlineDDLExecutorPoolCapacity|gauge||Tablet server conn pool capacity
    ||3
    V|OnlineDDLExecutorPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|OnlineDDLExecutorPoolGet|counter||Tablet server conn pool get count
    ||160
    V|OnlineDDLExecutorPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.002747069 158,2,0,0,0,0,0,0,0,0,0
    V|OnlineDDLExecutorPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|OnlineDDLExecutorPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||3
    V|OnlineDDLExecutorPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|OnlineDDLExecutorPoolIdleTimeout|gauge||Tablet server idle timeout
    ||1800|1800000000000
    V|OnlineDDLExecutorPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|OnlineDDLExecutorPoolMaxCap|gauge||Tablet server conn pool max cap
    ||3
    V|OnlineDDLExecutorPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|OnlineDDLExecutorPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|OnlineDDLExecutorPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|OnlineDDLExecutorPoolWaitTime|counter||Tablet server wait time
    ||0
    V|PartialSuccessScatterQueries|counter||Count of partially successful scatter queries
    ||0
    V|Queries|histogram|plan_type|MySQL query timings
    |BEGIN|0.000228377 1,0,0,0,0,0,0,0,0,0,0
    |GetSchema|0.008185778 12,7,1,0,0,0,0,0,0,0,0
    |Insert|16.863464227 12281,6129,4393,108,9,0,0,0,0,0,0
    |RELEASE|5.8227e-05 1,0,0,0,0,0,0,0,0,0,0
    |Select|12.852963392 18160,3441,1299,21,3,0,0,0,1,0,0
    V|QueryCounts|counter|table,plan|query counts
    V|QueryCountsWithTabletType|counter|table,plan,tablet_type|query counts with tablet type labels
    |t1,Insert,PRIMARY|22920
    |dual,Select,PRIMARY|4
    |dual,Select,REPLICA|10
    |t1,Select,PRIMARY|22911
    V|QueryEnginePlanCacheCapacity|gauge||Query engine query plan cache capacity
    ||3.3554432e+07
    V|QueryEnginePlanCacheEvictions|counter||Query engine query plan cache evictions
    ||0
    V|QueryEnginePlanCacheHits|counter||Query engine query plan cache hits
    ||45819|45827
    V|QueryEnginePlanCacheLength|gauge||Query engine query plan cache length
    ||3
    V|QueryEnginePlanCacheMisses|counter||Query engine query plan cache misses
    ||26|27
    V|QueryEnginePlanCacheSize|gauge||Query engine query plan cache size
    ||4848
    V|QueryErrorCounts|counter|table,plan|query error counts
    V|QueryErrorCountsWithCode|counter|table,plan,code|query error counts with error code
    |dual,Select,CANCELED|1
    V|QueryRowsAffected|counter|table,plan|query rows affected
    |t1,Insert|22920
    V|QueryRowsReturned|counter|table,plan|query rows returned
    |dual,Select|13
    |t1,Select|22911
    V|QueryTextCharactersProcessed|counter|table,plan|query text characters processed
    |t1,Insert|733440
    |dual,Select|501
    |t1,Select|1.191372e+06
    V|QueryTimeout|gauge||Tablet server query timeout
    ||30|30000000000
    V|QueryTimesNs|counter|table,plan|query times in ns
    |t1,Insert|1.6863464227e+10
    |dual,Select|3.552920832e+09
    |t1,Select|9.30004256e+09
    V|QueryTimingsByTabletType|histogram|tablet_type|Query timings broken down by active tablet type
    |PRIMARY|29.714271981 30434,9569,5692,129,12,0,0,0,1,0,0
    |REPLICA|0.002442572 9,1,0,0,0,0,0,0,0,0,0
    V|replicationLagSec|gauge||replication lag in seconds
    ||0
    V|restore_duration_seconds|gauge||[DEPRECATED] How long it took to complete the last restore operation (in seconds)
    ||0
    V|ResultStreamerNumPackets|counter||Number of packets in result streamer
    ||0
    V|ResultStreamerNumRows|counter||Number of rows sent in result streamer
    ||0
    V|Results|histogram:0,1,5,10,50,100,500,1000,5000,10000||Distribution of rows returned
    ||22924 22920,22924,0,0,0,0,0,0,0,0,0
    V|RowStreamerMaxInnoDBTrxHistLen|gauge||
    ||1e+06
    V|RowStreamerMaxMySQLReplLagSecs|gauge||
    ||43200
    V|RowStreamerNumPackets|counter||Number of packets in row streamer
    ||0
    V|RowStreamerNumRows|counter||Number of rows sent in row streamer
    ||0
    V|SchemaReload|histogram|type|time taken to reload the schema
    |SchemaReload|0.0130434 0,0,1,0,1,0,0,0,0,0,0
    V|SchemaReloadTime|gauge||vttablet keeps table schemas in its own memory and periodically refreshes it from MySQL. This config controls the reload time.
    ||1800|1800000000000
    V|SemiSyncMonitorAppPoolActive|gauge||Tablet server conn pool active
    ||0
    V|SemiSyncMonitorAppPoolAvailable|gauge||Tablet server conn pool available
    ||0
    V|SemiSyncMonitorAppPoolCapacity|gauge||Tablet server conn pool capacity
    ||0
    V|SemiSyncMonitorAppPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|SemiSyncMonitorAppPoolGet|counter||Tablet server conn pool get count
    ||0
    V|SemiSyncMonitorAppPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|SemiSyncMonitorAppPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||0
    V|SemiSyncMonitorAppPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|SemiSyncMonitorAppPoolIdleTimeout|gauge||Tablet server idle timeout
    ||60|60000000000
    V|SemiSyncMonitorAppPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|SemiSyncMonitorAppPoolMaxCap|gauge||Tablet server conn pool max cap
    ||0
    V|SemiSyncMonitorAppPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|SemiSyncMonitorAppPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|SemiSyncMonitorAppPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|SemiSyncMonitorAppPoolWaitTime|counter||Tablet server wait time
    ||0
    V|SemiSyncMonitorErrorCount|counter||Number of errors encountered by the semi-sync monitor
    ||0
    V|SemiSyncMonitorWritesBlocked|gauge||Number of writes blocked in the semi-sync monitor
    ||0
    V|SidecarDBDDLErrorCount|counter||Number of errors during sidecar schema upgrade
    ||0
    V|SidecarDBDDLQueryCount|counter||Number of queries executed
    ||0
    V|StartedMigrations|counter||Count of initiated migrations
    ||0
    V|StreamBufferSize|gauge||Query engine stream buffer size
    ||32768
    V|StreamConnPoolActive|gauge||Tablet server conn pool active
    ||1
    V|StreamConnPoolAvailable|gauge||Tablet server conn pool available
    ||200
    V|StreamConnPoolCapacity|gauge||Tablet server conn pool capacity
    ||200
    V|StreamConnPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|StreamConnPoolGet|counter||Tablet server conn pool get count
    ||10
    V|StreamConnPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.000708358 9,1,0,0,0,0,0,0,0,0,0
    V|StreamConnPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|StreamConnPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||200
    V|StreamConnPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|StreamConnPoolIdleTimeout|gauge||Tablet server idle timeout
    ||1800|1800000000000
    V|StreamConnPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|StreamConnPoolMaxCap|gauge||Tablet server conn pool max cap
    ||200
    V|StreamConnPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|StreamConnPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|StreamConnPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|StreamConnPoolWaitTime|counter||Tablet server wait time
    ||0
    V|StreamlogSend|counter|logger_names|stream log send count
    |TabletServer|45965
    |TxLog|22919
    V|SuccessfulMigrations|counter||Count of successful migrations, a subset of StartedMigrations
    ||0
    V|TableACLExemptCount|counter||Query engine table ACL exempt count
    ||0
    V|TableGCPoolActive|gauge||Tablet server conn pool active
    ||1
    V|TableGCPoolAvailable|gauge||Tablet server conn pool available
    ||2
    V|TableGCPoolCapacity|gauge||Tablet server conn pool capacity
    ||2
    V|TableGCPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|TableGCPoolGet|counter||Tablet server conn pool get count
    ||7
    V|TableGCPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.021466928 0,0,5,2,0,0,0,0,0,0,0
    V|TableGCPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|TableGCPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||2
    V|TableGCPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|TableGCPoolIdleTimeout|gauge||Tablet server idle timeout
    ||1800|1800000000000
    V|TableGCPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|TableGCPoolMaxCap|gauge||Tablet server conn pool max cap
    ||2
    V|TableGCPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|TableGCPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|TableGCPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|TableGCPoolWaitTime|counter||Tablet server wait time
    ||0
    V|TableStreamerNumTables|counter||Number of tables streamed by the table streamer
    ||0
    V|TabletServerState|gauge|name|Tablet server state labeled by state name
    V|TabletSrvTopo|counter|type|Resilient srvtopo server operations
    |query|7
    V|TabletState|gauge||Tablet server state
    V|TabletTypeCount|counter|type|Number of times the tablet changed to the labeled type
    V|tabletmanagerclient_cachedconn_dial_timeouts|gauge||number of context timeouts during dial()
    ||0
    V|tabletmanagerclient_cachedconn_dial_timings|histogram|path|timings for various dial paths
    |cache_fast|0 0,0,0,0,0,0,0,0,0,0,0
    |sema_fast|0 0,0,0,0,0,0,0,0,0,0,0
    |sema_poll|0 0,0,0,0,0,0,0,0,0,0,0
    V|tabletmanagerclient_cachedconn_new|gauge||number of times a call to dial() resulted in a dialing a new grpc clientconn
    ||0
    V|tabletmanagerclient_cachedconn_reuse|gauge||number of times a call to dial() was able to reuse an existing connection
    ||0
    V|ThrottlerAggregatedSelfCustom|gauge||aggregated value for self
    V|ThrottlerAggregatedSelfDefault|gauge||aggregated value for self
    V|ThrottlerAggregatedSelfHistoryListLength|gauge||aggregated value for self
    V|ThrottlerAggregatedSelfLag|gauge||aggregated value for self
    V|ThrottlerAggregatedSelfLoadavg|gauge||aggregated value for self
    V|ThrottlerAggregatedSelfMysqldDatadirUsedRatio|gauge||aggregated value for self
    V|ThrottlerAggregatedSelfMysqldLoadavg|gauge||aggregated value for self
    V|ThrottlerAggregatedSelfThreadsRunning|gauge||aggregated value for self
    V|ThrottlerAggregatedShardCustom|gauge||aggregated value for shard
    V|ThrottlerAggregatedShardDefault|gauge||aggregated value for shard
    V|ThrottlerAggregatedShardHistoryListLength|gauge||aggregated value for shard
    V|ThrottlerAggregatedShardLag|gauge||aggregated value for shard
    V|ThrottlerAggregatedShardLoadavg|gauge||aggregated value for shard
    V|ThrottlerAggregatedShardMysqldDatadirUsedRatio|gauge||aggregated value for shard
    V|ThrottlerAggregatedShardMysqldLoadavg|gauge||aggregated value for shard
    V|ThrottlerAggregatedShardThreadsRunning|gauge||aggregated value for shard
    V|ThrottlerCheckAnyError|counter||total number of failed checks
    V|ThrottlerCheckAnyTotal|counter||total number of checks
    V|ThrottlerCheckRequest|counter||CheckThrottler requests
    V|ThrottlerCheckSelfDefaultError|counter||
    V|ThrottlerCheckSelfDefaultTotal|counter||
    V|ThrottlerCheckSelfLagTotal|counter||
    V|ThrottlerCheckSelfSecondsSinceHealthy|gauge||seconds since last healthy check for self
    V|ThrottlerCheckSelfThreadsRunningTotal|counter||
    V|ThrottlerCheckShardSecondsSinceHealthy|gauge||seconds since last healthy check for shard
    V|ThrottlerHeartbeatRequests|counter||heartbeat requests
    V|ThrottlerPoolActive|gauge||Tablet server conn pool active
    ||1
    V|ThrottlerPoolAvailable|gauge||Tablet server conn pool available
    ||2
    V|ThrottlerPoolCapacity|gauge||Tablet server conn pool capacity
    ||2
    V|ThrottlerPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|ThrottlerPoolGet|counter||Tablet server conn pool get count
    ||11632
    V|ThrottlerPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.018925438 11625,5,2,0,0,0,0,0,0,0,0
    V|ThrottlerPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|ThrottlerPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||2
    V|ThrottlerPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|ThrottlerPoolIdleTimeout|gauge||Tablet server idle timeout
    ||1800|1800000000000
    V|ThrottlerPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|ThrottlerPoolMaxCap|gauge||Tablet server conn pool max cap
    ||2
    V|ThrottlerPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|ThrottlerPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|ThrottlerPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|ThrottlerPoolWaitTime|counter||Tablet server wait time
    ||0
    V|ThrottlerProbeRecentlyChecked|counter||probe recently checked
    V|ThrottlerProbesLatency|gauge||probes latency
    V|ThrottlerProbesTotal|counter||total probes
    V|TopologyConnErrors|counter|operation,cell|TopologyConnErrors errors per operation
    |Get,zone1|1
    V|TopologyConnOperations|histogram|operation,cell|TopologyConnOperations timings
    |Get,global|0.125220743 116,48,24,2,0,0,0,0,0,0,0
    |ListDir,global|0.022953629 1,7,12,0,0,0,0,0,0,0,0
    |Update,global|0.008767562 2,4,1,0,0,0,0,0,0,0,0
    |Watch,global|0.005486785 2,3,2,0,0,0,0,0,0,0,0
    |Create,zone1|0.001008812 0,0,1,0,0,0,0,0,0,0,0
    |Get,zone1|0.062084798 97,20,13,0,0,0,0,0,0,0,0
    |Update,zone1|0.035123707 0,14,7,0,1,0,0,0,0,0,0
    |Watch,zone1|0.000840312 0,1,0,0,0,0,0,0,0,0,0
    V|TopologyConnReadWaits|histogram|operation,cell|TopologyConnReadWait timings
    |Get,global|0.000211653 190,0,0,0,0,0,0,0,0,0,0
    |ListDir,global|0.000424436 20,0,0,0,0,0,0,0,0,0,0
    |Get,zone1|5.807e-05 130,0,0,0,0,0,0,0,0,0,0
    V|TopologyWatcherErrors|counter|operation|Topology watcher error counts
    |GetTablet|0
    |ListTablets|0
    V|TopologyWatcherOperations|counter|operation|Topology watcher operation counts
    |AddTablet|0
    |GetTablet|0
    |ListTablets|0
    |RemoveTablet|0
    |ReplaceTablet|0
    V|TransactionPoolActive|gauge||Tablet server conn pool active
    ||6
    V|TransactionPoolAvailable|gauge||Tablet server conn pool available
    ||20
    V|TransactionPoolCapacity|gauge||Tablet server conn pool capacity
    ||20
    V|TransactionPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|TransactionPoolGet|counter||Tablet server conn pool get count
    ||22920|22924
    V|TransactionPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.090986097 22883,16,21,0,0,0,0,0,0,0,0
    V|TransactionPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|TransactionPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||20
    V|TransactionPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|TransactionPoolIdleTimeout|gauge||Tablet server idle timeout
    ||1800|1800000000000
    V|TransactionPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|TransactionPoolMaxCap|gauge||Tablet server conn pool max cap
    ||20
    V|TransactionPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|TransactionPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|TransactionPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|TransactionPoolWaitTime|counter||Tablet server wait time
    ||0
    V|TransactionThrottlerRunning|gauge||transaction throttler running state
    ||0
    V|TransactionTimeout|gauge||Transaction timeout
    ||30|30000000000
    V|Transactions|histogram|operation|Transaction stats
    |commit|16.036501515 12936,5776,4093,105,9,0,0,0,0,0,0
    V|TxReadPoolActive|gauge||Tablet server conn pool active
    ||1
    V|TxReadPoolAvailable|gauge||Tablet server conn pool available
    ||3
    V|TxReadPoolCapacity|gauge||Tablet server conn pool capacity
    ||3
    V|TxReadPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|TxReadPoolGet|counter||Tablet server conn pool get count
    ||7
    V|TxReadPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.002879497 5,2,0,0,0,0,0,0,0,0,0
    V|TxReadPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|TxReadPoolIdleAllowed|gauge||Tablet server conn pool idle allowed limit
    ||3
    V|TxReadPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|TxReadPoolIdleTimeout|gauge||Tablet server idle timeout
    ||1800|1800000000000
    V|TxReadPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|TxReadPoolMaxCap|gauge||Tablet server conn pool max cap
    ||3
    V|TxReadPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|TxReadPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|TxReadPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|TxReadPoolWaitTime|counter||Tablet server wait time
    ||0
    V|TxSerializerGlobalQueueExceeded|counter||Number of transactions that were rejected on the global queue because of exceeding the max queue size per row range
    ||0
    V|TxSerializerGlobalQueueExceededDryRun|counter||Dry-run stats for TxSerializerGlobalQueueExceeded
    ||0
    V|UpdateStreamKeyRangeStatements|counter||update stream key range statement count
    ||0
    V|UpdateStreamKeyRangeTransactions|counter||update stream key range transaction count
    ||0
    V|UpdateStreamTablesStatements|counter||update stream table statement count
    ||0
    V|UpdateStreamTablesTransactions|counter||update stream table transaction count
    ||0
    V|Uptime|gauge||Uptime in nanoseconds
    V|UserTableQueryCount|counter|table_name,caller_id,type|Queries received for each CallerID/table combination
    |dual,,Execute|13
    |t1,app,Execute|45830
    |dual,root,Execute|1
    |t1,root,Execute|1
    V|UserTableQueryTimesNs|counter|table_name,caller_id,type|Total latency for each CallerID/table combination
    |dual,,Execute|2.891991e+06
    |t1,app,Execute|2.6163337577e+10
    |dual,root,Execute|3.550028841e+09
    |t1,root,Execute|169210
    V|UserTransactionCount|counter|caller_id,conclusion|transactions received for each CallerID
    |app,commit|22919
    V|UserTransactionTimesNs|counter|caller_id,conclusion|Total transaction latency for each CallerID
    |app,commit|1.6036501515e+10
    V|VDiffCount|gauge||Number of current vdiffs
    ||0
    V|VDiffErrorCountTotal|counter||Number of errors encountered across all vdiff actions
    ||0
    V|VDiffRowsComparedTotal|counter||Number of rows compared across all vdiffs
    ||0
    V|VReplicationBulkQueryCountTotal|counter||vreplication vplayer queries with consolidated row events counts aggregated across all streams
    ||0
    V|VReplicationCopyLoopCountTotal|counter||Number of times the copy phase looped aggregated across streams
    ||0
    V|VReplicationCopyRowCountTotal|counter||vreplication rows copied in copy phase aggregated across all streams
    ||0
    V|VReplicationLagSecondsMax|gauge||Max vreplication seconds behind primary
    ||0
    V|VReplicationLagSecondsTotal|counter||vreplication seconds behind primary aggregated across all streams
    ||0
    V|VReplicationNoopQueryCountTotal|counter||vreplication query noop counts aggregated across all streams
    ||0
    V|VReplicationPhaseTimingsTotal|counter||vreplication per phase timings aggregated across all phases and streams
    ||0
    V|VReplicationQueryCountTotal|counter||vreplication query counts aggregated across all streams
    ||0
    V|VReplicationStreamCount|gauge||Number of vreplication streams
    ||0
    V|VReplicationThrottledCountTotal|counter||The total number of times that vreplication has been throttled
    ||0
    V|VReplicationTrxQueryBatchCountTotal|counter||vreplication vplayer transaction query batch counts aggregated across all streams
    ||0
    V|VStreamPacketSize|gauge||Max packet size for sending vstreamer events
    ||250000
    V|VStreamerCompressedTransactionsDecoded|counter||Count of compressed transactions (MySQL's binlog_transaction_compression=ON) decoded in the VStream API
    ||0
    V|VStreamerCount|gauge||Current number of vstreamers
    ||0
    V|VStreamerErrors|counter|type|Tracks errors in vstreamer
    |Catchup|0
    |Copy|0
    |Send|0
    |TablePlan|0
    V|VStreamerEventsStreamed|counter||Count of events streamed in VStream API
    ||0
    V|VStreamerFlushedBinlogs|counter||Number of times we've successfully executed a FLUSH BINARY LOGS statement when starting a vstream
    ||0
    V|VStreamerNumPackets|counter||Number of packets in vstreamer
    ||0
    V|VStreamersCreated|counter||Count of vstreamers created
    ||0
    V|VStreamersEndedWithErrors|counter||Count of vstreamers that ended with errors
    ||0
    V|VSchemaErrors|counter||Count of VSchema errors
    ||0
    V|VSchemaUpdates|counter||Count of VSchema updates. Does not include errors
    ||0
    V|WarnResultSize|gauge||Query engine warn result size
    ||0
    V|Warnings|counter|type|Warnings
    |ResultsExceeded|0
    J|BackupIsRunning|{}
    J|BinlogStreamerErrors|{}
    J|BuildGitBranch|""
    J|BuildGitRev|"53de5fdf419b30f89d14ad2a3412235c3d9aabbe"
    J|BuildHost|"local"
    J|BuildUser|"local"
    J|CommitPreparedFail|{}
    J|FoundRowsPoolGetConnTime|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|GoArch|"amd64"
    J|GoOS|"linux"
    J|GoVersion|"go1.24.11"
    J|GrpcVersion|"1.71.1"
    J|HealthcheckErrors|{}
    J|HealthcheckPrimaryPromoted|{}
    J|IndexBytes|{}
    J|IndexCardinality|{}
    J|Messages|{}
    J|MysqlServerConnCountByTLSVer|{}
    J|MysqlServerConnCountPerUser|{}
    J|MysqlServerTimings|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|QPS|{"All":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.25,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.25,0,0,0,0,0.25,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.5,0,0,0,0,0,0,0,0,0,0,0,0.2,0,546.5,489.4,619.75,160.2,523.5,199.5,0,0,0,0,460,55.5,0,0,0,0,0,0,0,0,0.25,0,0,0,0,0,0.25,478,494,625,65.6,0,0,0,0,0,0,0,0,0,0,539,169,0,0,0,0,0,0,0,0,563.25,632.75,277.2,449,262.8,0,444,376.8,306.25,358.8,0.5,0,0,0,0,0,0,0,0,0,0,14.4,0,0,0,0,0,0,0,0,0,145.5,656.25,656.75],"BEGIN":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.2,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"GetSchema":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.5,0,0,0,0.5,0,0,0,0,0,0.4,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.5,0,0,0,0,0,0,0,0,0,0,0,0,0,0.5,0,0,0,0,0,0,0,0,0,0.5,0,0,0.5,0,0,0.5,0,0.5,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.5,0,0],"Insert":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,273,244.6,309.75,80,261.5,100.25,0,0,0,0,229.8,27.75,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,239.25,246.6,313,32.4,0,0,0,0,0,0,0,0,0,0,269.5,84.2,0,0,0,0,0,0,0,0,281.5,316.75,138.2,224.5,131.2,0,221.75,188.4,153,179.6,0,0,0,0,0,0,0,0,0,0,0,7.2,0,0,0,0,0,0,0,0,0,72.5,328.25,328.5],"RELEASE":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.25,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"Select":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.25,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.25,0,0,0,0,0.25,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.5,0,0,0,0,0,0,0,0,0,0,0,0.2,0,273,244.8,310,80.2,261.5,99.25,0,0,0,0,229.8,27.75,0,0,0,0,0,0,0,0,0.25,0,0,0,0,0,0.25,238.25,247.4,312,33.2,0,0,0,0,0,0,0,0,0,0,269,84.8,0,0,0,0,0,0,0,0,281.25,316,139,224,131.6,0,221.75,188.4,152.75,179,0.25,0,0,0,0,0,0,0,0,0,0,7.2,0,0,0,0,0,0,0,0,0,72.5,328,328.25]}
    J|RedoPreparedFail|{}
    J|ReplicaWarmingReadsMirrored|{}
    J|ReservedConnections|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|RestorePosition|""
    J|RestoredBackupTime|""
    J|RowStreamerWaits|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|SidecarDBDDLErrors|{}
    J|StreamlogDelivered|{}
    J|StreamlogDeliveryDroppedMessages|{}
    J|TableACLAllowed|{}
    J|TableACLDenied|{}
    J|TableACLPseudoDenied|{}
    J|TableAllocatedSize|{}
    J|TableClusteredIndexSize|{}
    J|TableFileSize|{}
    J|TableRows|{}
    J|TabletKeyRangeEnd|""
    J|TabletKeyRangeStart|""
    J|TabletPickerNoTabletFoundErrorCount|{}
    J|TabletTags|{}
    J|TransactionThrottlerHealthchecksRead|{}
    J|TransactionThrottlerHealthchecksRecorded|{}
    J|TransactionThrottlerRequests|{}
    J|TransactionThrottlerThrottled|{}
    J|TxSerializerQueueExceeded|{}
    J|TxSerializerQueueExceededDryRun|{}
    J|TxSerializerWaits|{}
    J|TxSerializerWaitsDryRun|{}
    J|UnresolvedTransaction|{}
    J|UpdateStreamErrors|{}
    J|UpdateStreamState|"Enabled"
    J|UpdateStreamStreamCount|{}
    J|UserActiveReservedCount|{}
    J|UserReservedCount|{}
    J|UserReservedTimesNs|{}
    J|VDiffErrors|{}
    J|VDiffPhaseTimings|{}
    J|VDiffRestartedTableDiffsCount|{}
    J|VDiffRowsCompared|{}
    J|VReplicationBulkQueryCount|{}
    J|VReplicationConfig|{}
    J|VReplicationCopyLoopCount|{}
    J|VReplicationCopyRowCount|{}
    J|VReplicationDDLActions|{}
    J|VReplicationErrors|{}
    J|VReplicationHeartbeat|{}
    J|VReplicationLag|{}
    J|VReplicationLagSeconds|{}
    J|VReplicationMessages|{}
    J|VReplicationNoopQueryCount|{}
    J|VReplicationPartialQueryCacheSize|{}
    J|VReplicationPartialQueryCount|{}
    J|VReplicationPhaseTimings|{}
    J|VReplicationPhaseTimingsCounts|{}
    J|VReplicationQPS|{}
    J|VReplicationQueryCount|{}
    J|VReplicationSource|{}
    J|VReplicationSourceTablet|{}
    J|VReplicationStreamState|{}
    J|VReplicationTableCopyRowCounts|{}
    J|VReplicationTableCopyTimings|{}
    J|VReplicationThrottledCounts|{}
    J|VReplicationTrxQueryBatchCount|{}
    J|VStreamerPhaseTiming|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|Waits|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    """#
}
