#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Memory that was needed once.
///
/// A dashboard runs for days on a small part of the code that reading a command line, finding
/// conformances and drawing a first frame went through, and what many answers at a time took of the
/// heap stays with the process until it is asked for it.
enum UnusedMemory {
  /// By then each kind of answer has been read and drawn.
  private static let startTime: Duration = .seconds(5)

  /// Gives it back as long as the program runs: code once, the heap's every minute.
  @concurrent static func giveBackAgainAndAgain() async {
    #if os(Linux)
      try? await Task.sleep(for: startTime, tolerance: .seconds(1))
      releaseUnchangedFilePages()
      while !Task.isCancelled {
        trimHeap()
        try? await Task.sleep(for: .seconds(60), tolerance: .seconds(10))
      }
    #endif
  }

  #if os(Linux)
    /// Swift's module of glibc lacks the call, malloc_trim(3); musl has none.
    private static func trimHeap() {
      typealias MallocTrim = @convention(c) (_ padding: Int) -> CInt
      guard let symbol = dlsym(nil, "malloc_trim") else { return }
      _ = unsafeBitCast(symbol, to: MallocTrim.self)(0)
    }

    /// Takes pages of programs and libraries out of the process, where they are as in the file.
    ///
    /// They stay in the system's cache of files, from which the next use takes them again. A mapping
    /// of which any page was changed is left alone, see `Anonymous` in proc_pid_smaps(5).
    private static func releaseUnchangedFilePages() {
      guard let file = fopen("/proc/self/smaps", "r") else { return }
      defer { fclose(file) }
      var line: UnsafeMutablePointer<CChar>?
      var capacity = 0
      defer { free(line) }
      var mapping: UnsafeMutableRawBufferPointer?
      while getline(&line, &capacity, file) > 0, let line {
        let words = String(cString: line).split(whereSeparator: \.isWhitespace)
        if words.count >= 5, let range = MappedRange(words[0]) {
          let isOfFile = words.count > 5 && words[5].hasPrefix("/")
          mapping = isOfFile && words[1].hasPrefix("r-") ? range.buffer : nil
        } else if let unchanged = mapping, words.starts(with: ["Anonymous:", "0"]) {
          madvise(unchanged.baseAddress, unchanged.count, MADV_DONTNEED)
          mapping = nil
        }
      }
    }

    /// A range of addresses as `/proc` writes it, like `7f00-7fff`.
    private struct MappedRange {
      let buffer: UnsafeMutableRawBufferPointer

      init?(_ text: Substring) {
        let ends = text.split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        buffer = UnsafeMutableRawBufferPointer(
          start: UnsafeMutableRawPointer(bitPattern: ends[0]), count: Int(ends[1] - ends[0]))
      }
    }
  #endif
}
