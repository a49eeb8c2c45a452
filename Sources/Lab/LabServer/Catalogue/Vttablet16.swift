extension StatCatalogue {
  /// What an idle vttablet of 16.0.7 exports: names, types, labels and standing values, as recorded.
  static let vttablet16 = #"""
    M|go_gc_duration_seconds|summary|quantile|A summary of the pause duration of garbage collection cycles.
    |0|2.9464e-05
    |0.25|7.0163e-05
    |0.5|0.000102922
    |0.75|0.000133156
    |1|0.000702648
    ||_sum 0.007491423
    ||_count 58
    M|go_goroutines|gauge||Number of goroutines that currently exist.
    ||86
    M|go_info|gauge|version|Information about the Go environment.
    |go1.21.13|1
    M|go_memstats_alloc_bytes|gauge||Number of bytes allocated and still in use.
    ||8.862248e+06
    M|go_memstats_alloc_bytes_total|counter||Total number of bytes allocated, even if freed.
    ||3.89147712e+08
    M|go_memstats_buck_hash_sys_bytes|gauge||Number of bytes used by the profiling bucket hash table.
    ||1.519978e+06
    M|go_memstats_frees_total|counter||Total number of frees.
    ||6.404227e+06
    M|go_memstats_gc_sys_bytes|gauge||Number of bytes used for garbage collection system metadata.
    ||4.674704e+06
    M|go_memstats_heap_alloc_bytes|gauge||Number of heap bytes allocated and still in use.
    ||8.862248e+06
    M|go_memstats_heap_idle_bytes|gauge||Number of heap bytes waiting to be used.
    ||6.84032e+06
    M|go_memstats_heap_inuse_bytes|gauge||Number of heap bytes that are in use.
    ||1.3082624e+07
    M|go_memstats_heap_objects|gauge||Number of allocated objects.
    ||55993
    M|go_memstats_heap_released_bytes|gauge||Number of heap bytes released to OS.
    ||2.62144e+06
    M|go_memstats_heap_sys_bytes|gauge||Number of heap bytes obtained from system.
    ||1.9922944e+07
    M|go_memstats_last_gc_time_seconds|gauge||Number of seconds since 1970 of last garbage collection.
    ||1.795229380452242e+09
    M|go_memstats_lookups_total|counter||Total number of pointer lookups.
    ||0
    M|go_memstats_mallocs_total|counter||Total number of mallocs.
    ||6.46022e+06
    M|go_memstats_mcache_inuse_bytes|gauge||Number of bytes in use by mcache structures.
    ||2400
    M|go_memstats_mcache_sys_bytes|gauge||Number of bytes used for mcache structures obtained from system.
    ||15600
    M|go_memstats_mspan_inuse_bytes|gauge||Number of bytes in use by mspan structures.
    ||211512
    M|go_memstats_mspan_sys_bytes|gauge||Number of bytes used for mspan structures obtained from system.
    ||277032
    M|go_memstats_next_gc_bytes|gauge||Number of heap bytes when next garbage collection will take place.
    ||1.53522e+07
    M|go_memstats_other_sys_bytes|gauge||Number of bytes used for other system allocations.
    ||694262
    M|go_memstats_stack_inuse_bytes|gauge||Number of bytes in use by the stack allocator.
    ||1.048576e+06
    M|go_memstats_stack_sys_bytes|gauge||Number of bytes obtained from system for stack allocator.
    ||1.048576e+06
    M|go_memstats_sys_bytes|gauge||Number of bytes obtained from system.
    ||2.8153096e+07
    M|go_threads|gauge||Number of OS threads created.
    ||10
    M|process_cpu_seconds_total|counter||Total user and system CPU time spent in seconds.
    ||20.25
    M|process_max_fds|gauge||Maximum number of open file descriptors.
    ||20000
    M|process_open_fds|gauge||Number of open file descriptors.
    ||91
    M|process_resident_memory_bytes|gauge||Resident memory size in bytes.
    ||4.990976e+07
    M|process_start_time_seconds|gauge||Start time of the process since unix epoch in seconds.
    ||1.79522839441e+09
    M|process_virtual_memory_bytes|gauge||Virtual memory size in bytes.
    ||1.297227776e+09
    M|process_virtual_memory_max_bytes|gauge||Maximum amount of virtual memory available in bytes.
    ||1.8446744073709552e+19
    M|promhttp_metric_handler_requests_in_flight|gauge||Current number of scrapes being served.
    ||1
    M|promhttp_metric_handler_requests_total|counter|code|Total number of scrapes by HTTP status code.
    |200|1
    |500|0
    |503|0
    V|AppConnPoolActive|gauge||Connection pool active
    ||0
    V|AppConnPoolAvailable|gauge||Connection pool available
    ||40
    V|AppConnPoolCapacity|gauge||Connection pool capacity
    ||40
    V|AppConnPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|AppConnPoolIdleClosed|gauge||Connection pool idle closed
    ||0
    V|AppConnPoolIdleTimeout|gauge||Connection pool idle timeout
    ||60|60000000000
    V|AppConnPoolInUse|gauge||Connection pool in-use
    ||0
    V|AppConnPoolMaxCap|gauge||Connection pool max cap
    ||40
    V|AppConnPoolMaxLifetimeClosed|gauge||Connection pool refresh closed
    ||0
    V|AppConnPoolWaitCount|counter||Connection pool wait count
    ||0
    V|AppConnPoolWaitTime|counter||Connection pool wait time
    ||0
    V|backup_duration_seconds|gauge||How long it took to complete the last backup operation (in seconds)
    ||0
    V|BuildInformation|gauge|build_host,build_user,build_timestamp,build_git_rev,build_git_branch,build_number|build information exposed via label
    |local,local,-62135596800,6c9f87de69a1,,0|1
    V|BuildNumber|gauge||build number
    ||0
    V|BuildTimestamp|gauge||build timestamp
    ||-6.21355968e+10
    V|CheckMySQLRunning|gauge||Check MySQL operation currently in progress
    ||0
    V|ConnPoolActive|gauge||Tablet server conn pool active
    ||16
    V|ConnPoolAvailable|gauge||Tablet server conn pool available
    ||16|14
    V|ConnPoolCapacity|gauge||Tablet server conn pool capacity
    ||16
    V|ConnPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|ConnPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|ConnPoolGet|counter||Tablet server conn pool get count
    ||12788|12790
    V|ConnPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.051708569 12771,5,11,1,0,0,0,0,0,0,0
    V|ConnPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|ConnPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|ConnPoolIdleTimeout|gauge||Tablet server idle timeout
    ||1800|1800000000000
    V|ConnPoolInUse|gauge||Tablet server conn pool in use
    ||0|2
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
    V|ConnPoolWaiterQueueFull|counter||Number of times the waiter queue was full
    ||0
    V|DbaConnPoolActive|gauge||Connection pool active
    ||19
    V|DbaConnPoolAvailable|gauge||Connection pool available
    ||20
    V|DbaConnPoolCapacity|gauge||Connection pool capacity
    ||20
    V|DbaConnPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|DbaConnPoolIdleClosed|gauge||Connection pool idle closed
    ||280
    V|DbaConnPoolIdleTimeout|gauge||Connection pool idle timeout
    ||60|60000000000
    V|DbaConnPoolInUse|gauge||Connection pool in-use
    ||0
    V|DbaConnPoolMaxCap|gauge||Connection pool max cap
    ||20
    V|DbaConnPoolMaxLifetimeClosed|gauge||Connection pool refresh closed
    ||0
    V|DbaConnPoolWaitCount|counter||Connection pool wait count
    ||0
    V|DbaConnPoolWaitTime|counter||Connection pool wait time
    ||0
    V|Errors|counter|error_code|Critical errors
    |ABORTED|0
    |ALREADY_EXISTS|0
    |CANCELED|0
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
    V|ers_counter|gauge||Number of times Emergency Reparent Shard has been run
    ||0
    V|ers_failure_counter|gauge||Number of times Emergency Reparent Shard has failed
    ||0
    V|ers_success_counter|gauge||Number of times Emergency Reparent Shard has succeeded
    ||0
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
    V|FoundRowsPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|FoundRowsPoolGet|counter||Tablet server conn pool get count
    ||0
    V|FoundRowsPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
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
    V|FoundRowsPoolWaiterQueueFull|counter||Number of times the waiter queue was full
    ||0
    V|HeartbeatCumulativeLagNs|counter||Incremented by the current lag at each heartbeat read interval
    V|HeartbeatCurrentLagNs|gauge||Point in time calculation of the heartbeat lag
    V|HeartbeatLagNsHistogram|histogram:0,1e+06,1e+07,1e+08,1e+09,1e+10,1e+11,1e+12||Histogram of lag values in nanoseconds
    ||5.4104094839e+10 0,0,46,356,141,0,0,0,0
    V|HeartbeatReadErrors|counter||Count of errors encountered while reading heartbeats
    V|HeartbeatReadPoolActive|gauge||Tablet server conn pool active
    ||0
    V|HeartbeatReadPoolAvailable|gauge||Tablet server conn pool available
    ||0
    V|HeartbeatReadPoolCapacity|gauge||Tablet server conn pool capacity
    ||0
    V|HeartbeatReadPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|HeartbeatReadPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|HeartbeatReadPoolGet|counter||Tablet server conn pool get count
    ||0
    V|HeartbeatReadPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.003423527 542,1,0,0,0,0,0,0,0,0,0
    V|HeartbeatReadPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|HeartbeatReadPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|HeartbeatReadPoolIdleTimeout|gauge||Tablet server idle timeout
    ||0
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
    V|HeartbeatReadPoolWaiterQueueFull|counter||Number of times the waiter queue was full
    ||0
    V|HeartbeatReads|counter||Count of heartbeats read over time
    V|HeartbeatWriteAllPrivsPoolActive|gauge||Connection pool active
    ||2
    V|HeartbeatWriteAllPrivsPoolAvailable|gauge||Connection pool available
    ||2
    V|HeartbeatWriteAllPrivsPoolCapacity|gauge||Connection pool capacity
    ||2
    V|HeartbeatWriteAllPrivsPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|HeartbeatWriteAllPrivsPoolIdleClosed|gauge||Connection pool idle closed
    ||0
    V|HeartbeatWriteAllPrivsPoolIdleTimeout|gauge||Connection pool idle timeout
    ||60|60000000000
    V|HeartbeatWriteAllPrivsPoolInUse|gauge||Connection pool in-use
    ||0
    V|HeartbeatWriteAllPrivsPoolMaxCap|gauge||Connection pool max cap
    ||2
    V|HeartbeatWriteAllPrivsPoolMaxLifetimeClosed|gauge||Connection pool refresh closed
    ||0
    V|HeartbeatWriteAllPrivsPoolWaitCount|counter||Connection pool wait count
    ||0
    V|HeartbeatWriteAllPrivsPoolWaitTime|counter||Connection pool wait time
    ||0
    V|HeartbeatWriteAppPoolActive|gauge||Connection pool active
    ||2
    V|HeartbeatWriteAppPoolAvailable|gauge||Connection pool available
    ||2
    V|HeartbeatWriteAppPoolCapacity|gauge||Connection pool capacity
    ||2
    V|HeartbeatWriteAppPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|HeartbeatWriteAppPoolIdleClosed|gauge||Connection pool idle closed
    ||0
    V|HeartbeatWriteAppPoolIdleTimeout|gauge||Connection pool idle timeout
    ||60|60000000000
    V|HeartbeatWriteAppPoolInUse|gauge||Connection pool in-use
    ||0
    V|HeartbeatWriteAppPoolMaxCap|gauge||Connection pool max cap
    ||2
    V|HeartbeatWriteAppPoolMaxLifetimeClosed|gauge||Connection pool refresh closed
    ||0
    V|HeartbeatWriteAppPoolWaitCount|counter||Connection pool wait count
    ||0
    V|HeartbeatWriteAppPoolWaitTime|counter||Connection pool wait time
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
    |Queries|0
    |ReservedConnection|0
    |Transactions|0
    V|MaxFds|gauge||File descriptor limit
    ||20000
    V|MaxResultSize|gauge||Query engine max result size
    ||10000
    V|Mysql|histogram|operation|MySQl query time
    |Connect|0.07352359 8,13,24,1,0,0,0,0,0,0,0
    |Exec|25.339159316 13250,9746,6957,239,26,0,0,0,0,0,0
    |ExecStream|0.244058513 0,25,141,3,0,0,0,0,0,0,0
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
    ||3
    V|OnlineDDLExecutorPoolAvailable|gauge||Tablet server conn pool available
    ||3
    V|OnlineDDLExecutorPoolCapacity|gauge||Tablet server conn pool capacity
    ||3
    V|OnlineDDLExecutorPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|OnlineDDLExecutorPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|OnlineDDLExecutorPoolGet|counter||Tablet server conn pool get count
    ||152
    V|OnlineDDLExecutorPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.001704544 150,2,0,0,0,0,0,0,0,0,0
    V|OnlineDDLExecutorPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
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
    V|OnlineDDLExecutorPoolWaiterQueueFull|counter||Number of times the waiter queue was full
    ||0
    V|PartialSuccessScatterQueries|counter||Count of partially successful scatter queries
    ||0
    V|Queries|histogram|plan_type|MySQL query timings
    |Insert|15.005843949 2754,4817,5003,189,22,0,0,0,0,0,0
    |Select|8.053199624 7831,3129,1774,49,4,0,0,0,0,0,0
    V|QueryCacheCapacity|gauge||Query engine query cache capacity
    ||3.3554432e+07
    V|QueryCacheEvictions|counter||Query engine query cache evictions
    ||0
    V|QueryCacheLength|gauge||Query engine query cache length
    ||4
    V|QueryCacheSize|gauge||Query engine query cache size
    ||4920
    V|QueryCounts|counter|table,plan|query counts
    V|QueryErrorCounts|counter|table,plan|query error counts
    V|QueryRowsAffected|counter|table,plan|query rows affected
    |t1,Insert|12785
    V|QueryRowsReturned|counter|table,plan|query rows returned
    |Join,Select|3
    |dual,Select|1
    |t1,Select|12785
    V|QueryTimeout|gauge||Tablet server query timeout
    ||30|30000000000
    V|QueryTimesNs|counter|table,plan|query times in ns
    |t1,Insert|1.5005843949e+10
    |Join,Select|801345
    |dual,Select|219499
    |t1,Select|8.05217878e+09
    V|replicationLagSec|gauge||replication lag in seconds
    ||0
    V|restore_duration_seconds|gauge||How long it took to complete the last restore operation (in seconds)
    ||0
    V|ResultStreamerNumPackets|counter||Number of packets in result streamer
    ||0
    V|ResultStreamerNumRows|counter||Number of rows sent in result streamer
    ||0
    V|Results|histogram:0,1,5,10,50,100,500,1000,5000,10000||Distribution of rows returned
    ||12789 12785,12786,1,0,0,0,0,0,0,0,0
    V|RowStreamerMaxInnoDBTrxHistLen|gauge||
    ||1e+06
    V|RowStreamerMaxMySQLReplLagSecs|gauge||
    ||43200
    V|RowStreamerNumPackets|counter||Number of packets in row streamer
    ||0
    V|RowStreamerNumRows|counter||Number of rows sent in row streamer
    ||0
    V|SchemaReload|histogram|type|time taken to reload the schema
    |SchemaReload|0.004981674 0,0,2,0,0,0,0,0,0,0,0
    V|SchemaReloadTime|gauge||vttablet keeps table schemas in its own memory and periodically refreshes it from MySQL. This config controls the reload time.
    ||1800|1800000000000
    V|SidecarDBDDLErrorCount|counter||Number of errors during sidecar schema upgrade
    ||3
    V|SidecarDBDDLQueryCount|counter||Number of queries executed
    ||3
    V|StartedMigrations|counter||Count of initiated migrations
    ||0
    V|StreamBufferSize|gauge||Query engine stream buffer size
    ||32768
    V|StreamConnPoolActive|gauge||Tablet server conn pool active
    ||0
    V|StreamConnPoolAvailable|gauge||Tablet server conn pool available
    ||200
    V|StreamConnPoolCapacity|gauge||Tablet server conn pool capacity
    ||200
    V|StreamConnPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|StreamConnPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|StreamConnPoolGet|counter||Tablet server conn pool get count
    ||0
    V|StreamConnPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
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
    V|StreamConnPoolWaiterQueueFull|counter||Number of times the waiter queue was full
    ||0
    V|StreamlogSend|counter|logger_names|stream log send count
    |TabletServer|25572
    |TxLog|12785
    V|SuccessfulMigrations|counter||Count of successful migrations, a subset of StartedMigrations
    ||0
    V|TableACLExemptCount|counter||Query engine table ACL exempt count
    ||0
    V|TableAllocatedSize|gauge|table|tracks table allocated size
    |t1|16384
    V|TableFileSize|gauge|table|tracks table file size
    |t1|16384
    V|TableGCPoolActive|gauge||Tablet server conn pool active
    ||1
    V|TableGCPoolAvailable|gauge||Tablet server conn pool available
    ||2
    V|TableGCPoolCapacity|gauge||Tablet server conn pool capacity
    ||2
    V|TableGCPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|TableGCPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|TableGCPoolGet|counter||Tablet server conn pool get count
    ||1
    V|TableGCPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.003783744 0,0,1,0,0,0,0,0,0,0,0
    V|TableGCPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
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
    V|TableGCPoolWaiterQueueFull|counter||Number of times the waiter queue was full
    ||0
    V|TabletServerState|gauge|name|Tablet server state labeled by state name
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
    V|ThrottlerAggregatedMysqlSelf|gauge||aggregated value for mysql.self
    V|ThrottlerAggregatedMysqlShard|gauge||aggregated value for mysql.shard
    V|ThrottlerCheckAnyError|counter||total number of failed checks
    V|ThrottlerCheckAnyMysqlSelfError|counter||
    V|ThrottlerCheckAnyMysqlSelfTotal|counter||
    V|ThrottlerCheckAnyMysqlShardError|counter||
    V|ThrottlerCheckAnyMysqlShardTotal|counter||
    V|ThrottlerCheckAnyTotal|counter||total number of checks
    V|ThrottlerCheckMysqlSelfSecondsSinceHealthy|gauge||seconds since last healthy cehck for mysql.self
    V|ThrottlerCheckMysqlShardSecondsSinceHealthy|gauge||seconds since last healthy cehck for mysql.shard
    V|ThrottlerPoolActive|gauge||Tablet server conn pool active
    ||2
    V|ThrottlerPoolAvailable|gauge||Tablet server conn pool available
    ||2
    V|ThrottlerPoolCapacity|gauge||Tablet server conn pool capacity
    ||2
    V|ThrottlerPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|ThrottlerPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|ThrottlerPoolGet|counter||Tablet server conn pool get count
    ||3940
    V|ThrottlerPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.020774937 3937,1,2,0,0,0,0,0,0,0,0
    V|ThrottlerPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
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
    V|ThrottlerPoolWaiterQueueFull|counter||Number of times the waiter queue was full
    ||0
    V|ThrottlerProbesLatency|gauge||probes latency
    V|ThrottlerProbesTotal|counter||total probes
    V|TopologyConnErrors|counter|operation,cell|TopologyConnErrors errors per operation
    |Get,zone1|1
    V|TopologyConnOperations|histogram|operation,cell|TopologyConnOperations timings
    |Get,global|0.231786505 329,91,24,3,0,0,0,0,0,0,0
    |ListDir,global|0.106981325 0,36,50,0,0,0,0,0,0,0,0
    |Update,global|0.000918128 0,1,0,0,0,0,0,0,0,0,0
    |Watch,global|0.0016234 0,0,1,0,0,0,0,0,0,0,0
    |Create,zone1|0.000719434 0,1,0,0,0,0,0,0,0,0,0
    |Get,zone1|0.15228972 297,46,9,1,0,0,0,0,0,0,0
    |Update,zone1|0.003456781 0,3,1,0,0,0,0,0,0,0,0
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
    ||20
    V|TransactionPoolAvailable|gauge||Tablet server conn pool available
    ||20
    V|TransactionPoolCapacity|gauge||Tablet server conn pool capacity
    ||20
    V|TransactionPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|TransactionPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|TransactionPoolGet|counter||Tablet server conn pool get count
    ||12785|12787
    V|TransactionPoolGetConnTime|histogram|settings|Tracks the amount of time it takes to get a connection
    |GetWithoutSettings|0.068871304 12765,6,14,0,0,0,0,0,0,0,0
    V|TransactionPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
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
    V|TransactionPoolWaiterQueueFull|counter||Number of times the waiter queue was full
    ||0
    V|TransactionTimeout|gauge||Transaction timeout
    ||30|30000000000
    V|Transactions|histogram|operation|Transaction stats
    |commit|14.464937016 3266,4596,4714,188,21,0,0,0,0,0,0
    V|TxReadPoolActive|gauge||Tablet server conn pool active
    ||0
    V|TxReadPoolAvailable|gauge||Tablet server conn pool available
    ||0
    V|TxReadPoolCapacity|gauge||Tablet server conn pool capacity
    ||0
    V|TxReadPoolDiffSetting|counter||Number of times pool applied different setting
    ||0
    V|TxReadPoolExhausted|counter||Number of times pool had zero available slots
    ||0
    V|TxReadPoolGet|counter||Tablet server conn pool get count
    ||0
    V|TxReadPoolGetSetting|counter||Tablet server conn pool get with setting count
    ||0
    V|TxReadPoolIdleClosed|counter||Tablet server conn pool idle closed
    ||0
    V|TxReadPoolIdleTimeout|gauge||Tablet server idle timeout
    ||0
    V|TxReadPoolInUse|gauge||Tablet server conn pool in use
    ||0
    V|TxReadPoolMaxCap|gauge||Tablet server conn pool max cap
    ||0
    V|TxReadPoolMaxLifetimeClosed|counter||Tablet server conn pool refresh closed
    ||0
    V|TxReadPoolResetSetting|counter||Number of times pool reset the setting
    ||0
    V|TxReadPoolWaitCount|counter||Tablet server conn pool wait count
    ||0
    V|TxReadPoolWaitTime|counter||Tablet server wait time
    ||0
    V|TxReadPoolWaiterQueueFull|counter||Number of times the waiter queue was full
    ||0
    V|TxSerializerGlobalQueueExceeded|counter||Number of transactions that were rejected on the global queue because of exceeding the max queue size per row range
    ||0
    V|TxSerializerGlobalQueueExceededDryRun|counter||Dry-run stats for TxSerializerGlobalQueueExceeded
    ||0
    V|Unresolved|gauge|item_type|Unresolved items
    |Prepares|0
    V|UpdateStreamKeyRangeStatements|counter||update stream key range statement count
    ||0
    V|UpdateStreamKeyRangeTransactions|counter||update stream key range transaction count
    ||0
    V|UpdateStreamTablesStatements|counter||update stream table statement count
    ||0
    V|UpdateStreamTablesTransactions|counter||update stream table transaction count
    ||0
    V|UserTableQueryCount|counter|table_name,caller_id,type|Queries received for each CallerID/table combination
    |,,Execute|1
    |dual,,Execute|1
    |t1,app,Execute|25570
    V|UserTableQueryTimesNs|counter|table_name,caller_id,type|Total latency for each CallerID/table combination
    |,,Execute|801345
    |dual,,Execute|219499
    |t1,app,Execute|2.3058022729e+10
    V|UserTransactionCount|counter|caller_id,conclusion|transactions received for each CallerID
    |app,commit|12785
    V|UserTransactionTimesNs|counter|caller_id,conclusion|Total transaction latency for each CallerID
    |app,commit|1.4464937016e+10
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
    V|VStreamPacketSize|gauge||Max packet size for sending vstreamer events
    ||250000
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
    J|BuildGitRev|"6c9f87de69a1"
    J|BuildHost|"local"
    J|BuildUser|"local"
    J|FoundRowsPoolGetConnTime|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|GoArch|"amd64"
    J|GoOS|"linux"
    J|GoVersion|"go1.21.13"
    J|GrpcVersion|"1.59.0"
    J|HealthcheckErrors|{}
    J|HealthcheckPrimaryPromoted|{}
    J|Messages|{}
    J|MysqlServerConnCountByTLSVer|{}
    J|MysqlServerConnCountPerUser|{}
    J|MysqlServerTimings|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|QPS|{"All":[0,0,0,0,0,0,0,0,0,0,257,492,308.8,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.2,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,324,484.4,477.2,467,463.2,463.4,281.6,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,51.2,466.6,473],"Insert":[0,0,0,0,0,0,0,0,0,0,128.4,246,154.4,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,162,242.2,238.6,233.6,231.6,231.6,140.8,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,25.6,233.6,236.2],"Select":[0,0,0,0,0,0,0,0,0,0,128.6,246,154.4,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.2,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,162,242.2,238.6,233.4,231.6,231.8,140.8,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,25.6,233,236.8]}
    J|ReservedConnections|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|RestorePosition|""
    J|RestoredBackupTime|""
    J|RowStreamerWaits|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|SidecarDBDDLErrors|{"post_copy_action":"Error running DDL ALTER TABLE `post_copy_action` MODIFY COLUMN `action` json NOT NULL, DROP CHECK `post_copy_action_chk_1`, ALGORITHM = COPY for table _vt.post_copy_action (schema/vreplication) during sidecar database initialization: You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near 'CHECK `post_copy_action_chk_1`, ALGORITHM = COPY' at line 1 (errno 1064) (sqlstate 42000) during query: ALTER TABLE `post_copy_action` MODIFY COLUMN `action` json NOT NULL, DROP CHECK `post_copy_action_chk_1`, ALGORITHM = COPY","vdiff_table":"Error running DDL ALTER TABLE `vdiff_table` MODIFY COLUMN `table_rows` bigint NOT NULL DEFAULT '0', MODIFY COLUMN `rows_compared` bigint NOT NULL DEFAULT '0', MODIFY COLUMN `mismatch` tinyint(1) NOT NULL DEFAULT '0', MODIFY COLUMN `report` json, DROP CHECK `vdiff_table_chk_1`, ALGORITHM = COPY for table _vt.vdiff_table (schema/vdiff) during sidecar database initialization: You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near 'CHECK `vdiff_table_chk_1`, ALGORITHM = COPY' at line 1 (errno 1064) (sqlstate 42000) during query: ALTER TABLE `vdiff_table` MODIFY COLUMN `table_rows` bigint NOT NULL DEFAULT '0', MODIFY COLUMN `rows_compared` bigint NOT NULL DEFAULT '0', MODIFY COLUMN `mismatch` tinyint(1) NOT NULL DEFAULT '0', MODIFY COLUMN `report` json, DROP CHECK `vdiff_table_chk_1`, ALGORITHM = COPY","vdiff":"Error running DDL ALTER TABLE `vdiff` MODIFY COLUMN `options` json, DROP CHECK `vdiff_chk_1`, ALGORITHM = COPY for table _vt.vdiff (schema/vdiff) during sidecar database initialization: You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near 'CHECK `vdiff_chk_1`, ALGORITHM = COPY' at line 1 (errno 1064) (sqlstate 42000) during query: ALTER TABLE `vdiff` MODIFY COLUMN `options` json, DROP CHECK `vdiff_chk_1`, ALGORITHM = COPY"}
    J|StreamConnPoolGetConnTime|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|StreamlogDelivered|{}
    J|StreamlogDeliveryDroppedMessages|{}
    J|TableACLAllowed|{}
    J|TableACLDenied|{}
    J|TableACLPseudoDenied|{}
    J|TabletKeyRangeEnd|""
    J|TabletKeyRangeStart|""
    J|TabletPickerNoTabletFoundErrorCount|{}
    J|TxReadPoolGetConnTime|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|TxSerializerQueueExceeded|{}
    J|TxSerializerQueueExceededDryRun|{}
    J|TxSerializerWaits|{}
    J|TxSerializerWaitsDryRun|{}
    J|UpdateStreamErrors|{}
    J|UpdateStreamState|"Enabled"
    J|UpdateStreamStreamCount|{}
    J|UserActiveReservedCount|{}
    J|UserReservedCount|{}
    J|UserReservedTimesNs|{}
    J|VReplicationCopyLoopCount|{}
    J|VReplicationCopyRowCount|{}
    J|VReplicationErrors|{}
    J|VReplicationHeartbeat|{}
    J|VReplicationLag|{}
    J|VReplicationLagSeconds|{}
    J|VReplicationMessages|{}
    J|VReplicationNoopQueryCount|{}
    J|VReplicationPhaseTimings|{}
    J|VReplicationPhaseTimingsCounts|{}
    J|VReplicationQPS|{}
    J|VReplicationQueryCount|{}
    J|VReplicationSource|{}
    J|VReplicationSourceTablet|{}
    J|VReplicationStreamState|{}
    J|VReplicationTableCopyRowCounts|{}
    J|VReplicationTableCopyTimings|{}
    J|VStreamerPhaseTiming|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    J|Waits|{"TotalCount":0,"TotalTime":0,"Histograms":{}}
    """#
}
