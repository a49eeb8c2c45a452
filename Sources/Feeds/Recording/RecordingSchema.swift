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
      batch INTEGER PRIMARY KEY, entries BLOB NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE known (
      batch INTEGER, server INTEGER, path INTEGER, value,
      PRIMARY KEY (batch, server, path)) WITHOUT ROWID;
    CREATE TABLE tablet_list (
      id INTEGER PRIMARY KEY, base INTEGER, body TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE failure (
      id INTEGER PRIMARY KEY, body TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE news (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
      checksum INTEGER NOT NULL);
    CREATE TABLE event (
      at INTEGER NOT NULL, severity TEXT NOT NULL, kind TEXT NOT NULL, shard TEXT,
      failover INTEGER, body TEXT NOT NULL);
    CREATE TABLE failover (
      id INTEGER PRIMARY KEY, shard TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER);
    CREATE TABLE note (at INTEGER NOT NULL, words TEXT NOT NULL);
    CREATE TABLE action (at INTEGER NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL);
    CREATE TABLE wish (at INTEGER NOT NULL, interval INTEGER NOT NULL, closely TEXT NOT NULL);
    CREATE VIEW reading AS
      SELECT strftime('%Y-%m-%d %H:%M:%f', batch.began / 1e9, 'unixepoch') AS at,
        server.kind AS kind, server.address AS address, path.name AS path, change.value AS value
      FROM change JOIN batch ON batch.id = change.batch
        JOIN path ON path.id = change.path LEFT JOIN server ON server.id = change.server;
    """
}
