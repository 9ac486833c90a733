// Who logs in, and for what, on the command line.

internal import ArgumentParser

/// The options that the OpenStack client has for a login; help leaves them out, as clouds.yaml is where they belong.
struct LoginOptions: ParsableArguments {
    @Option var osAuthType: String?
    @Option var osAuthUrl: String?
    @Option var osUsername: String?
    @Option var osUserId: String?
    @Option var osUserDomainName: String?
    @Option var osUserDomainId: String?
    @Option var osPassword: String?
    @Option var osProjectName: String?
    @Option var osProjectId: String?
    @Option var osProjectDomainName: String?
    @Option var osProjectDomainId: String?
    @Option var osDomainName: String?
    @Option var osDomainId: String?
    @Option var osDefaultDomain: String?
    @Option var osSystemScope: String?
    @Option var osTrustId: String?
    @Option var osToken: String?
    @Option var osApplicationCredentialId: String?
    @Option var osApplicationCredentialName: String?
    @Option var osApplicationCredentialSecret: String?
    @Option var osEndpoint: String?
    @Option var osCert: String?
    @Option var osKey: String?
    @Flag var verify = false

    /// Keys of a cloud in clouds.yaml with the values given.
    var keys: [String: String] {
        let given: [String: String?] = [
            "auth_type": osAuthType, "auth_url": osAuthUrl, "username": osUsername, "user_id": osUserId,
            "user_domain_name": osUserDomainName, "user_domain_id": osUserDomainId, "password": osPassword,
            "project_name": osProjectName, "project_id": osProjectId, "project_domain_name": osProjectDomainName,
            "project_domain_id": osProjectDomainId, "domain_name": osDomainName, "domain_id": osDomainId,
            "default_domain": osDefaultDomain, "system_scope": osSystemScope, "trust_id": osTrustId, "token": osToken,
            "application_credential_id": osApplicationCredentialId,
            "application_credential_name": osApplicationCredentialName,
            "application_credential_secret": osApplicationCredentialSecret, "endpoint": osEndpoint, "cert": osCert,
            "key": osKey, "verify": verify ? "true" : nil,
        ]
        return given.compactMapValues { $0 }
    }
}
