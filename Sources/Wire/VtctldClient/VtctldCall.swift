internal import FleetModel
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import GRPCProtobuf
internal import SwiftProtobuf
internal import Terms

/// One call and what becomes of it.
struct VtctldCall {
  let client: GRPCClient<HTTP2ClientTransport.Posix>
  let server: Address
  let metadata: Metadata
  /// What the metadata holds of them.
  let secrets: Secrets
  let isSecure: Bool
  /// The client's certificate, a file; nil where it has none.
  let certificate: String?

  func read<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
    _ method: String, _ request: Request, within deadline: Swift.Duration
  ) async throws(CallFailure) -> Response {
    do {
      return try await send(method, request, deadline)
    } catch {
      switch error.code {
      case .unimplemented: throw failure(.unimplemented, method, error)
      case .unavailable, .cancelled: throw failure(.unreachable, method, error)
      case .deadlineExceeded:
        throw CallFailure(
          .unreachable, .vtctld(server), .noAnswer(within: deadline, to: method))
      default: throw failure(.refused, method, error)
      }
    }
  }

  /// Sends a call that changes the cluster.
  ///
  /// Any error that does not certainly come from the server leaves open what it did.
  func act<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
    _ method: String, _ request: Request, within deadline: Swift.Duration
  ) async throws(CallFailure) -> Response {
    let start = ContinuousClock.now
    do {
      return try await send(method, request, deadline)
    } catch {
      if Task.isCancelled {
        throw CallFailure(.lost, .vtctld(server), .brokenOff(method))
      }
      let isOverdue = .now - start > deadline - .seconds(1)
      switch error.code {
      case .unimplemented where error.message.hasPrefix("unknown "):
        throw failure(.unimplemented, method, error)
      case .unknown where !Self.isLocal(error), .invalidArgument, .notFound, .alreadyExists,
        .permissionDenied, .unauthenticated, .failedPrecondition, .aborted, .outOfRange,
        .resourceExhausted:
        throw failure(.refused, method, error)
      case .deadlineExceeded where !isOverdue: throw failure(.refused, method, error)
      default: throw failure(.lost, method, error)
      }
    }
  }

  /// Whether the error was made on this side, for an answer that was cut off or was not one, as
  /// from a balancer in between.
  ///
  /// The words are grpc-swift's for a stream without a status (GRPCStreamStateMachine.swift).
  private static func isLocal(_ error: RPCError) -> Bool {
    error.cause != nil || error.message.isEmpty || error.message.contains("'grpc-status'")
      || error.message.contains("HTTP Status Code")
  }

  private func failure(
    _ kind: CallFailure.Kind, _ method: String, _ error: RPCError
  ) -> CallFailure {
    CallFailure(kind, .vtctld(server), cause(method, error))
  }

  private func cause(_ method: String, _ error: RPCError) -> CallFailure.Cause {
    if let fault = CallFailure.ConnectionFault(error, overTLS: isSecure, as: certificate) {
      return .connection(fault)
    }
    if error.message.hasPrefix("Could not establish a connection") { return .notConnected }
    let words = error.message.isEmpty ? "\(error.code)" : secrets.hidden(in: error.message)
    return Self.isAboutTheCaller(error)
      ? .wantsCredentials(words, to: method) : .said(words, to: method)
  }

  /// What go/vt/servenv/grpc_server_auth_static.go answers to a call without credentials, or with
  /// others.
  private static func isAboutTheCaller(_ error: RPCError) -> Bool {
    error.code == .unauthenticated
      || (error.code == .permissionDenied && error.message.hasPrefix("auth failure"))
  }

  private func send<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
    _ method: String, _ request: Request, _ deadline: Swift.Duration
  ) async throws(RPCError) -> Response {
    var options = CallOptions.defaults
    options.timeout = deadline
    options.waitForReady = false
    // No policy: a call is never repeated.
    options.executionPolicy = nil
    do {
      return try await client.unary(
        request: ClientRequest(message: request, metadata: metadata),
        descriptor: MethodDescriptor(
          fullyQualifiedService: VtctldConnection.service, method: method),
        serializer: ProtobufSerializer<Request>(),
        deserializer: ProtobufDeserializer<Response>(), options: options
      ) { response in
        try response.message
      }
    } catch let error as RPCError {
      throw error
    } catch {
      throw RPCError(code: .unavailable, message: "\(error)", cause: error)
    }
  }
}
