internal import Synchronization

/// Values that are computed once and then shared by all servers.
final class SharedCache<Value: Sendable>: Sendable {
  private let values = Mutex<[String: Value]>([:])

  func value(for key: String, _ make: () -> Value) -> Value {
    values.withLock { values in
      if let value = values[key] { return value }
      let value = make()
      values[key] = value
      return value
    }
  }
}
