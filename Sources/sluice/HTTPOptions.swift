internal import ArgumentParser
internal import FleetModel
internal import FoundationEssentials
internal import TerminalKit
internal import Terms
internal import VitessClient
internal import Wording

/// How vtgates and vttablets are reached over HTTP: TLS, credentials, and what lies between.
struct HTTPOptions: ParsableArguments {
  /// What holds the credentials where no file is named.
  private static let variable = "SLUICE_HTTP_CREDENTIALS"

  @Option(
    help: ArgumentHelp(
      "Who may have signed servers' certificates, PEM (default: the system's authorities).",
      valueName: "file"), completion: .file())
  var httpCa: String?

  @Option(
    help: ArgumentHelp("The client's certificate for servers, PEM.", valueName: "file"),
    completion: .file())
  var httpCert: String?

  @Option(
    help: ArgumentHelp("The key of --http-cert, PEM.", valueName: "file"), completion: .file())
  var httpKey: String?

  @Option(
    help: ArgumentHelp(
      "The name in servers' certificates, where it is not the host's.", valueName: "name"))
  var httpServerName: String?

  @Flag(inversion: .prefixedNo, help: "Take any certificate, whoever signed it.")
  var httpInsecure = false

  @Option(
    help: ArgumentHelp(
      "A file with credentials for the servers that are named: NAME:PASSWORD, or Bearer and a token. "
        + "The environment holds them itself.", valueName: "file"),
    completion: .file())
  var httpCredentials: String?

  @Option(
    name: .customLong("http-header"),
    help: ArgumentHelp(
      "A header for each request to the servers that are named. Repeatable.",
      valueName: "name: value"))
  var httpHeaders: [HeaderArgument] = []

  @Flag(
    inversion: .prefixedNo,
    help: "Ask for compressed pages: less to transfer, more to do for the servers.")
  var httpGzip = false

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp(
      "Where servers are reached whose addresses match a pattern, such as "
        + #"'pod-(.*)\.vitess:15000 -> https://gw.example/\1'; the first that matches counts. Repeatable."#,
      valueName: "pattern -> address"))
  var map: [AddressRule] = []

  @Option(
    name: .customLong("http-redirect"),
    help: ArgumentHelp(
      "A server to which a redirect is followed, if it leads to the same page there. Repeatable.",
      valueName: "address"), transform: Address.argument)
  var httpRedirects: [Address] = []

  @Option(
    help: ArgumentHelp(
      "The proxy to servers, http://HOST:PORT, or none (default: http_proxy, https_proxy and no_proxy "
        + "of the environment, which may hold its credentials).", valueName: "proxy"))
  var httpProxy: ProxyArgument?

  @Option(
    help: ArgumentHelp(
      "Servers that are reached without the proxy, as no_proxy lists them.", valueName: "list"))
  var httpNoProxy: String?

  func validate() throws {
    guard (httpCert == nil) == (httpKey == nil) else {
      throw ValidationError("--http-cert and --http-key go together")
    }
    guard !httpInsecure || (httpCa == nil && httpServerName == nil) else {
      throw ValidationError(
        "--http-insecure takes any certificate: --http-ca and --http-server-name say which")
    }
    for (flag, path) in [
      ("--http-ca", httpCa), ("--http-cert", httpCert), ("--http-key", httpKey),
      ("--http-credentials", httpCredentials),
    ] {
      if let path { try UnreadableFile.refuse(path, for: flag) }
    }
    // The system's authorities are read when they are needed: there are many.
    guard httpCa != nil || httpCert != nil else { return }
    do throws(HTTPSecurity.Unusable) {
      try HTTPAccess(security: security).check()
    } catch {
      throw ValidationError(words(error).safe(limit: 400))
    }
  }

  private func words(_ fault: HTTPSecurity.Unusable) -> String {
    switch fault {
    case .noAuthority: "--http-ca: \(httpCa ?? "") holds no certificate in PEM"
    case .noCertificate: "--http-cert: \(httpCert ?? "") holds no certificate in PEM"
    case .noKey: "--http-key: \(httpKey ?? "") holds no private key in PEM"
    case .otherKey: "--http-key: \(httpKey ?? "") is not the key of --http-cert"
    case .unfitCertificate: "--http-cert: \(httpCert ?? "") is of a kind that TLS has no use for"
    case .other(let words): "TLS cannot be set up with these files: \(words)"
    }
  }

  private var security: HTTPSecurity {
    var security = HTTPSecurity()
    security.authority = httpCa
    if let httpCert, let httpKey { security.identity = (httpCert, httpKey) }
    security.serverName = httpServerName
    security.isVerified = !httpInsecure
    return security
  }

  /// `named`: the servers that the operator named.
  func access(to named: [Address]) throws -> HTTPAccess {
    HTTPAccess(
      named: named, security: security, credentials: try credentials,
      headers: httpHeaders.map { ($0.name, $0.value) }, map: map, takesGzip: httpGzip,
      proxies: try proxies(ProcessInfo.processInfo.environment), redirects: httpRedirects)
  }

  /// A variable that curl and others read, too, and which flag takes its place.
  struct SharedVariable {
    let flag: String
    let name: String
    let text: String

    /// As curl reads them: `HTTP_PROXY` in capitals is none, because a web server sets it to what a
    /// client's header says.
    static let plaintextProxy = (
      flag: "--http-proxy", names: ["http_proxy", "all_proxy", "ALL_PROXY"]
    )
    static let tlsProxy = (
      flag: "--http-proxy", names: ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    )
    static let exceptions = (flag: "--http-no-proxy", names: ["no_proxy", "NO_PROXY"])

    /// The first of them that is set; nil where none is.
    init?(_ one: (flag: String, names: [String]), in environment: [String: String]) {
      let set = one.names.lazy.compactMap { name in
        environment[name].flatMap { $0.isEmpty ? nil : (name, $0) }
      }
      guard let (name, text) = set.first else { return nil }
      (flag, self.name, self.text) = (one.flag, name, text)
    }
  }

  /// Those that are set, each once.
  static func sharedVariables(_ environment: [String: String]) -> [SharedVariable] {
    [SharedVariable.plaintextProxy, SharedVariable.tlsProxy, SharedVariable.exceptions]
      .compactMap { SharedVariable($0, in: environment) }
      .reduce(into: []) { known, one in
        if !known.contains(where: { $0.name == one.name }) { known.append(one) }
      }
  }

  private func proxies(_ environment: [String: String]) throws -> HTTPProxies {
    let exceptions =
      httpNoProxy ?? SharedVariable(SharedVariable.exceptions, in: environment)?.text ?? ""
    if let httpProxy {
      return HTTPProxies(plaintext: httpProxy.proxy, tls: httpProxy.proxy, except: exceptions)
    }
    func proxy(_ found: SharedVariable?) throws -> HTTPProxy? {
      guard let found else { return nil }
      do throws(HTTPProxy.Unusable) {
        return try HTTPProxy(found.text)
      } catch {
        // It may hold a password, which is no part of a message.
        throw ValidationError("\(found.name): \(error.words); --http-proxy none goes without")
      }
    }
    return HTTPProxies(
      plaintext: try proxy(SharedVariable(SharedVariable.plaintextProxy, in: environment)),
      tls: try proxy(SharedVariable(SharedVariable.tlsProxy, in: environment)),
      except: exceptions)
  }

  private var credentials: HTTPCredentials? {
    get throws {
      // What was found there is a secret, and no part of a message.
      if let httpCredentials {
        guard let data = try? Data(contentsOf: URL(filePath: httpCredentials)),
          let credentials = HTTPCredentials(String(decoding: data, as: UTF8.self))
        else {
          throw ValidationError(
            "--http-credentials: \(httpCredentials) must hold NAME:PASSWORD, or Bearer and a token"
              .safe(limit: 400))
        }
        return credentials
      }
      guard let text = ProcessInfo.processInfo.environment[Self.variable], !text.isEmpty else {
        return nil
      }
      guard let credentials = HTTPCredentials(text) else {
        throw ValidationError("\(Self.variable) must be NAME:PASSWORD, or Bearer and a token")
      }
      return credentials
    }
  }

  /// What an operator should know about how secrets are kept.
  ///
  /// `named`: the servers that get them.
  func remarks(for named: [Address]) -> [String] {
    (httpInsecure ? [Wording().words(.unverified)] : []) + doubtsAboutSecrets(for: named)
  }

  /// The same without what a check says itself.
  func doubtsAboutSecrets(for named: [Address]) -> [String] {
    var remarks = [("--http-key", httpKey), ("--http-credentials", httpCredentials)]
      .compactMap { SecretFile.doubt($0, $1) }
    if (try? credentials) != nil, let open = named.first(where: { !$0.isSecure }) {
      remarks.append("credentials go to \(open) in plaintext: https:// makes it TLS")
    }
    return remarks
  }
}

/// A proxy without credentials, or the word `none`.
struct ProxyArgument: ExpressibleByArgument {
  /// Nil for none.
  let proxy: HTTPProxy?

  init?(argument: String) {
    if argument == "none" {
      proxy = nil
      return
    }
    // Every user of this machine can read a command line.
    guard let proxy = try? HTTPProxy(argument), !proxy.hasCredentials else { return nil }
    self.proxy = proxy
  }
}

extension HTTPProxy.Unusable {
  fileprivate var words: String {
    switch self {
    case .notAnAddress: "it must be http://HOST:PORT, with NAME:PASSWORD@ before the host if wanted"
    case .scheme(let scheme): "\(scheme.safe(limit: 20))://: only a proxy over http:// is supported"
    }
  }
}

/// A header as `NAME: VALUE`.
struct HeaderArgument: ExpressibleByArgument {
  let name: String
  let value: String

  /// The name is a token (RFC 9110, section 5.6.2); the value is printable.
  init?(argument: String) {
    guard let colon = argument.firstIndex(of: ":") else { return nil }
    name = String(argument[..<colon])
    value = String(argument[argument.index(after: colon)...].drop { $0 == " " })
    let marks = Array("!#$%&'*+-.^_`|~".utf8)
    let isToken = name.utf8.allSatisfy { byte in
      marks.contains(byte) || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
    guard isToken, !name.isEmpty, !value.isEmpty,
      value.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
    else { return nil }
  }
}

extension AddressRule: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
