#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// A connection to a server on this machine, for one plain HTTP request after another.
final class Loopback {
  private let descriptor: Int32

  /// `place`: `127.0.0.1:PORT`.
  init(_ place: String) throws {
    guard let port = place.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw Trouble("\(place) has no port")
    }
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let failure = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard failure == 0 else { throw Trouble("\(place): \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  func send(_ method: String, _ path: String, _ body: [UInt8] = []) {
    let head =
      "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\n\r\n"
    var rest = (Array(head.utf8) + body)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// The body of the answer, with the sizes of its chunks if it comes in some.
  func answer() throws -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      guard count > 0 else { throw Trouble("a server on this machine does not answer") }
      bytes += chunk.prefix(count)
      let text = String(decoding: bytes, as: UTF8.self)
      guard let end = text.firstRange(of: "\r\n\r\n") else { continue }
      let head = text[..<end.lowerBound].lowercased()
      let body = text[end.upperBound...]
      let length = head.firstMatch(of: /content-length: *([0-9]+)/).flatMap { Int($0.1) }
      let isEmpty = head.hasPrefix("http/1.1 204")
      let isWhole =
        isEmpty || length.map { body.utf8.count >= $0 } ?? body.hasSuffix("\r\n0\r\n\r\n")
      if isWhole { return String(body) }
    }
  }
}
