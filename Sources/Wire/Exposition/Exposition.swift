/// The Prometheus text format, read as a stream.
///
/// A vtgate's `/metrics` is hundreds of kilobytes of which a dashboard wants a few lines. The
/// scanner is fed the body in chunks of any size, skips unwanted lines with one `memchr` each, and
/// hands every wanted sample to a closure as a view into the bytes:
///
///     chunk ─> Scanner ─> line ─ unwanted ─> skipped, nothing allocated
///                           └─── wanted ───> Sample (name, labels, value) ─> closure
///                           └─── malformed ─> Diagnostic with its line number
///
/// Memory is bounded by the longest wanted line that straddles two chunks, at most
/// ``Scanner/lineLimit`` bytes.
///
/// Format: Prometheus exposition format 0.0.4, as written by client_golang.
package enum Exposition {}
