/// The tables as docs/recording.md describes them.
enum RecordingSchema {
  static let statements = """
    CREATE TABLE recording (
      cluster TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER,
      interval INTEGER NOT NULL, utc_offset INTEGER NOT NULL, program TEXT NOT NULL,
      checksum INTEGER NOT NULL);
    CREATE TABLE server (
      id INTEGER PRIMARY KEY, kind TEXT NOT NULL, role TEXT NOT NULL, address TEXT NOT NULL,
      checksum INTEGER NOT NULL);
    CREATE TABLE path (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE batch (
      id INTEGER PRIMARY KEY, began INTEGER NOT NULL, ended INTEGER NOT NULL,
      entries BLOB NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE change (
      batch INTEGER, server INTEGER, n INTEGER, path INTEGER, value,
      PRIMARY KEY (batch, server, n, path)) WITHOUT ROWID;
    CREATE TABLE keyframe (
      batch INTEGER PRIMARY KEY, at INTEGER NOT NULL, entries BLOB NOT NULL, known BLOB NOT NULL,
      watch BLOB, checksum INTEGER NOT NULL);
    CREATE TABLE past (
      kind TEXT NOT NULL, number INTEGER NOT NULL, batch INTEGER NOT NULL, body BLOB NOT NULL,
      checksum INTEGER NOT NULL);
    CREATE UNIQUE INDEX past_place ON past (kind, number, batch);
    CREATE TABLE tablet_list (
      id INTEGER PRIMARY KEY, base INTEGER, body TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE failure (
      id INTEGER PRIMARY KEY, body TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE news (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
      checksum INTEGER NOT NULL);
    CREATE TABLE step (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
      checksum INTEGER NOT NULL);
    CREATE TABLE event (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, severity TEXT NOT NULL, kind TEXT NOT NULL,
      shard TEXT, failover INTEGER, body TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE failover (
      id INTEGER PRIMARY KEY, shard TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER,
      checksum INTEGER NOT NULL);
    CREATE TABLE note (at INTEGER NOT NULL, words TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE action (
      at INTEGER NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
      checksum INTEGER NOT NULL);
    CREATE TABLE wish (
      at INTEGER NOT NULL, interval INTEGER NOT NULL, closely TEXT NOT NULL,
      checksum INTEGER NOT NULL);
    CREATE VIEW reading AS
      SELECT strftime('%Y-%m-%d %H:%M:%f', batch.began / 1e9, 'unixepoch') AS at,
        server.kind AS kind, server.address AS address, path.name AS path, change.value AS value
      FROM change JOIN batch ON batch.id = change.batch
        JOIN path ON path.id = change.path LEFT JOIN server ON server.id = change.server;
    """

  /// For each earlier version, from 1 on, what lets it be read as the next: temporary views in place of
  /// the tables that changed, because a finished file is never written to.
  static let upgrades: [String] = [
    // Its keyframes hold rows and no watch: seeking starts from the beginning.
    """
    CREATE TEMP VIEW keyframe AS
      SELECT batch, 0 AS at, entries, x'' AS known, NULL AS watch, checksum
      FROM main.keyframe WHERE 0;
    CREATE TEMP VIEW past AS
      SELECT '' AS kind, 0 AS number, 0 AS batch, x'' AS body, 0 AS checksum WHERE 0;
    CREATE TEMP VIEW step AS
      SELECT 0 AS id, 0 AS at, '' AS kind, '' AS body, 0 AS checksum WHERE 0;
    CREATE TEMP VIEW event AS SELECT rowid AS id, *, NULL AS checksum FROM main.event;
    CREATE TEMP VIEW failover AS SELECT *, NULL AS checksum FROM main.failover;
    CREATE TEMP VIEW note AS SELECT rowid, *, NULL AS checksum FROM main.note;
    CREATE TEMP VIEW action AS SELECT rowid, *, NULL AS checksum FROM main.action;
    """
  ]
}
