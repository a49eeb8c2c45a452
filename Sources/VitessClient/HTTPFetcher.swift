internal import AsyncHTTPClient
package import FleetModel
package import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Fetches pages of Vitess servers over HTTP/1.1, one connection kept per server.
///
/// Redirects are never followed: vtgate and vttablet answer an unknown or removed path with 302 to
/// their status page, which must not be taken for an answer.
package final class HTTPFetcher: Sendable {
  /// A page whose body has been read whole.
  package struct Page: Sendable {
    package let status: Int
    package let body: ByteBuffer
  }

  /// The longest body that is read whole, in bytes.
  ///
  /// `/debug/gateway` has about 700 bytes a tablet.
  static let bodyLimit = 16 * 1024 * 1024
  /// The longest streamed body, in bytes; real ones are some megabytes.
  static let streamLimit = 256 * 1024 * 1024

  private let client: HTTPClient

  package init() {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.httpVersion = .http1Only
    configuration.timeout.connect = .seconds(2)
    configuration.connectionPool.idleTimeout = .seconds(30)
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(
      eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton),
      configuration: configuration)
  }

  package func shutdown() async { try? await client.shutdown() }

  /// Reads a page whole.
  package func page(
    _ path: String, of target: Target, deadline: Duration
  ) async throws(ScrapeFailure) -> Page {
    try await attempt(path, target, deadline) { response in
      let body = try await response.body.collect(upTo: Self.bodyLimit)
      return Page(status: Int(response.status.code), body: body)
    }
  }

  /// Streams a page's body in the chunks in which it arrives; an answer other than 200 is a failure.
  package func stream<Value: Sendable>(
    _ path: String, of target: Target, deadline: Duration, into value: Value,
    _ take: @escaping @Sendable (inout Value, UnsafeRawBufferPointer) -> Void
  ) async throws(ScrapeFailure) -> Value {
    try await attempt(path, target, deadline) { response in
      guard response.status == .ok else {
        throw ScrapeFailure(.refusedByServer, "\(path) answered \(response.status.code)")
      }
      var value = value
      var total = 0
      for try await chunk in response.body {
        total += chunk.readableBytes
        guard total <= Self.streamLimit else {
          throw ScrapeFailure(
            .notUnderstood, "\(path) is longer than \(Self.streamLimit >> 20) MiB")
        }
        chunk.withUnsafeReadableBytes { take(&value, $0) }
      }
      return value
    }
  }

  private func attempt<Value: Sendable>(
    _ path: String, _ target: Target, _ deadline: Duration,
    _ read: @escaping @Sendable (HTTPClientResponse) async throws -> Value
  ) async throws(ScrapeFailure) -> Value {
    do {
      var request = HTTPClientRequest(url: "http://\(target.address)\(path)")
      request.headers.add(name: "User-Agent", value: "sluice")
      let sent = request
      let client = client
      // The client's own deadline ends with the head; ours covers the body as well.
      return try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask {
          let response = try await client.execute(
            sent, deadline: .now() + .nanoseconds(deadline.wholeNanoseconds))
          return try await read(response)
        }
        group.addTask {
          try await Task.sleep(for: deadline)
          throw ScrapeFailure(.timedOut, "no answer within \(deadline.inTenths)")
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
      }
    } catch let failure as ScrapeFailure {
      throw failure
    } catch {
      throw Self.failure(error, path, deadline)
    }
  }

  /// Puts the network's errors into an operator's words.
  private static func failure(
    _ error: any Error, _ path: String, _ deadline: Duration
  ) -> ScrapeFailure {
    switch error {
    case let error as HTTPClientError
    where error == .deadlineExceeded || error == .connectTimeout || error == .readTimeout:
      return ScrapeFailure(.timedOut, "no answer within \(deadline.inTenths)")
    case let error as HTTPClientError where error == .remoteConnectionClosed:
      return ScrapeFailure(.unreachable, "connection closed in the middle of an answer")
    case let error as HTTPParserError where error == .invalidEOFState:
      return ScrapeFailure(.unreachable, "connection closed in the middle of an answer")
    case is HTTPParserError:
      return ScrapeFailure(.notUnderstood, "\(path) is not HTTP")
    case let error as NIOConnectionError where error.dnsAError != nil || error.dnsAAAAError != nil:
      return ScrapeFailure(.unreachable, "host name cannot be resolved")
    case let error as NIOConnectionError:
      let reason = error.connectionErrors.first.flatMap { $0.error as? IOError }
      return ScrapeFailure(.unreachable, words(for: reason) ?? "cannot connect")
    case let error as IOError:
      return ScrapeFailure(.unreachable, words(for: error) ?? "connection failed")
    case is NIOTooManyBytesError:
      return ScrapeFailure(.notUnderstood, "\(path) is longer than \(bodyLimit >> 20) MiB")
    case is CancellationError:
      return ScrapeFailure(.unreachable, "stopped")
    default:
      return ScrapeFailure(.unreachable, "\(path): \(error)")
    }
  }

  private static func words(for error: IOError?) -> String? {
    switch error?.errnoCode {
    case ECONNREFUSED: "connection refused"
    case ECONNRESET: "connection reset"
    case EHOSTUNREACH, ENETUNREACH: "no route to host"
    case ETIMEDOUT: "connection timed out"
    default: nil
    }
  }
}
