/// What a client and a server agree upon in the handshake.
///
/// Source: MySQL's reference of its source code, "Capabilities Flags".
package struct Capabilities: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let longPassword = Capabilities(rawValue: 1 << 0)
  package static let foundRows = Capabilities(rawValue: 1 << 1)
  package static let longFlag = Capabilities(rawValue: 1 << 2)
  package static let connectWithDatabase = Capabilities(rawValue: 1 << 3)
  package static let noSchema = Capabilities(rawValue: 1 << 4)
  /// By zlib and by zstd.
  package static let compressing = Capabilities(rawValue: 1 << 5 | 1 << 26)
  package static let odbc = Capabilities(rawValue: 1 << 6)
  package static let localFiles = Capabilities(rawValue: 1 << 7)
  package static let ignoreSpace = Capabilities(rawValue: 1 << 8)
  package static let protocol41 = Capabilities(rawValue: 1 << 9)
  package static let interactive = Capabilities(rawValue: 1 << 10)
  package static let tls = Capabilities(rawValue: 1 << 11)
  package static let ignoreSigpipe = Capabilities(rawValue: 1 << 12)
  package static let transactions = Capabilities(rawValue: 1 << 13)
  package static let secureConnection = Capabilities(rawValue: 1 << 15)
  package static let multiStatements = Capabilities(rawValue: 1 << 16)
  package static let multiResults = Capabilities(rawValue: 1 << 17)
  package static let preparedMultiResults = Capabilities(rawValue: 1 << 18)
  package static let pluginAuthentication = Capabilities(rawValue: 1 << 19)
  package static let connectAttributes = Capabilities(rawValue: 1 << 20)
  package static let longAuthenticationData = Capabilities(rawValue: 1 << 21)
  package static let deprecateEOF = Capabilities(rawValue: 1 << 24)

  /// What changes the shape or the meaning of answers: a session's backend connections must have
  /// exactly what its client was given of these.
  package static let shaping: Capabilities = [
    .foundRows, .ignoreSpace, .multiStatements, .multiResults, .preparedMultiResults,
    .deprecateEOF,
  ]

  /// What the proxy offers to clients, TLS aside.
  ///
  /// Neither compression nor local files, nor what it would have to take out of answers again.
  package static let offered: Capabilities = [
    .longPassword, .foundRows, .longFlag, .connectWithDatabase, .noSchema, .odbc, .ignoreSpace,
    .protocol41, .interactive, .ignoreSigpipe, .transactions, .secureConnection, .multiStatements,
    .multiResults, .preparedMultiResults, .pluginAuthentication, .connectAttributes,
    .longAuthenticationData, .deprecateEOF,
  ]
}
