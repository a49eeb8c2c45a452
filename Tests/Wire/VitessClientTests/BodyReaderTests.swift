import FleetModel
import Synchronization
import Terms
import TestSupport
import Testing

@testable import VitessClient

@Suite(.timeLimit(.minutes(1))) struct BodyReaderTests {
  private final class Counting: BodyReader {
    let bytes = Mutex(0)

    func read(_ piece: UnsafeRawBufferPointer) { bytes.withLock { $0 += piece.count } }
  }

  /// A vtgate's page takes megabytes to read, and its connection lives for days.
  @Test func whatReadABodyIsGoneBeforeItsConnectionIs() async throws {
    let text = String(repeating: "#", count: 100_000)
    let server = try await StubServer { _ in .body(text, type: "text/plain") }
    let fetcher = HTTPFetcher()
    let target = Target(.vtgate, Address(host: "127.0.0.1", port: server.port))
    weak var reader: Counting?
    do {
      let counting = Counting()
      reader = counting
      _ = try await fetcher.page("/metrics", of: target, reader: counting)
      #expect(counting.bytes.withLock { $0 } == text.utf8.count)
    }
    try await wait(for: "the reader to go") { reader == nil }
    _ = try await fetcher.page("/metrics", of: target)
    #expect(server.connections == 1)
    await fetcher.shutdown()
    await server.stop()
  }
}
