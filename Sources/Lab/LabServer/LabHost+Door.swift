internal import GRPCNIOTransportHTTP2Posix

extension LabHost.Door {
  var security: HTTP2ServerTransport.Posix.TransportSecurity {
    guard let certificate else { return .plaintext }
    let chain = [TLSConfig.CertificateSource.file(path: certificate.chain, format: .pem)]
    let key = TLSConfig.PrivateKeySource.file(path: certificate.key, format: .pem)
    guard let authority else { return .tls(certificateChain: chain, privateKey: key) }
    return .mTLS(certificateChain: chain, privateKey: key) { config in
      config.trustRoots = .certificates([.file(path: authority, format: .pem)])
    }
  }
}
