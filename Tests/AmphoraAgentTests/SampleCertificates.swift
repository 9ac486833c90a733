// Certificates for tests that look at texts only, made with OpenSSL 3.0; the keys protect nothing.

import LoadBalancing

enum SampleCertificates {
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBcjCCARegAwIBAgIUdqMHZKlmB/t2rBErcNWxPupMMMYwCgYIKoZIzj0EAwIw
        DTELMAkGA1UEAwwCY2EwIBcNMjYxMTIyMTYzMTM0WhgPMjEyNjEwMjkxNjMxMzRa
        MA0xCzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEn3KwTPhE
        hui2Fwsxyk8SYH6PWNkxeIHDV9ES+J2VLT88TQjGMfMs6lw5cLArqIMiFcjRxuvp
        FQHmH97UJEmr1qNTMFEwHQYDVR0OBBYEFHaCtrY0RiKOoDRLudXjqQArpjZIMB8G
        A1UdIwQYMBaAFHaCtrY0RiKOoDRLudXjqQArpjZIMA8GA1UdEwEB/wQFMAMBAf8w
        CgYIKoZIzj0EAwIDSQAwRgIhAPhXYcLCEBhjWJfavf+RFnZRBk/I2DtFM+g9HYg3
        P4G9AiEAgJcvdZo8kNR90RYSxZNN+fBeiDJIwFBaKq7s0pEsTMU=
        -----END CERTIFICATE-----

        """
    static let revocationList = """
        -----BEGIN X509 CRL-----
        MIGSMDswCgYIKoZIzj0EAwIwDTELMAkGA1UEAwwCY2EXDTI2MTEyMjE2MzEzNFoY
        DzIxMjYxMDI5MTYzMTM0WjAKBggqhkjOPQQDAgNHADBEAiA02yrMoxal/uX3m4Uo
        VuHvhWZ8p/ky4gAeW4j8l8BgFwIgZdaIP83SOpMWlBS3DKWjyc7G0aUZSZOvB8BE
        k1x4PR4=
        -----END X509 CRL-----

        """
    static let two = [
        CertificateMaterial(reference: "one", certificateChain: one, privateKey: oneKey),
        CertificateMaterial(reference: "two", certificateChain: other, privateKey: otherKey),
    ]

    /// What no OpenSSL would take, but different for each name.
    static func named(_ name: String) -> CertificateMaterial {
        func block(_ label: String) -> String { "-----BEGIN \(label)-----\n\(name)\n-----END \(label)-----\n" }
        return CertificateMaterial(
            reference: name, certificateChain: block("CERTIFICATE"), privateKey: block("PRIVATE KEY"))
    }

    private static let one = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASSgAwIBAgIUKoqirE6A1LwsV3wxiqJNlEIOAmAwCgYIKoZIzj0EAwIw
        DTELMAkGA1UEAwwCY2EwIBcNMjYxMTIyMTYzMTM0WhgPMjEyNjEwMjkxNjMxMzRa
        MBoxGDAWBgNVBAMMD29uZS5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49
        AwEHA0IABJsb9PFVZ+kSkJlb6opIlo3K9MFnuI/RhMySczG5yZ55sAnHrWSsZS24
        IXGazWSwba+hEBxOmgQxB//xHFrMiIujUzBRMB0GA1UdDgQWBBS8B7Bq8oAousEO
        Ij31d/yg5qJMVjAfBgNVHSMEGDAWgBR2gra2NEYijqA0S7nV46kAK6Y2SDAPBgNV
        HRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCFvDf0cjJc3FOir9MU7ITt
        20BQ9Z/C0TnU19gk2dc/ogIgY3UnwQCxJgt/H34HzpaT+J0t87mSDjYnpQNbqeiI
        Pu8=
        -----END CERTIFICATE-----

        """
    private static let oneKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFZvsT4FXUwI+Y8A9
        +vfV57iNKRUgzxfq9PqrfT49PzOhRANCAASbG/TxVWfpEpCZW+qKSJaNyvTBZ7iP
        0YTMknMxucmeebAJx61krGUtuCFxms1ksG2voRAcTpoEMQf/8RxazIiL
        -----END PRIVATE KEY-----

        """
    private static let other = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASSgAwIBAgIUHs+KXf8EtCITDdZcGNA0Oxbm6CswCgYIKoZIzj0EAwIw
        DTELMAkGA1UEAwwCY2EwIBcNMjYxMTIyMTYzMTM0WhgPMjEyNjEwMjkxNjMxMzRa
        MBoxGDAWBgNVBAMMD3R3by5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49
        AwEHA0IABJ5btuFcrzPpg1tTPhDIAv+htm05pDAlUtGePSDrpiOSjq+1ojaAzWeX
        LVbE73UPMSkEn1fkkWcWqYtH1odgHYmjUzBRMB0GA1UdDgQWBBRrtqumGJ20OI9T
        yLB+gJU/pSzzWjAfBgNVHSMEGDAWgBR2gra2NEYijqA0S7nV46kAK6Y2SDAPBgNV
        HRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCI7bofSc/ZeF5HT2hlQosc
        XCGK4ajZezPmgWPMuG8pbgIgea2Rb7eHKxr1Q/EXYT5fpMA2qO2oqNRR4147WkM/
        nsg=
        -----END CERTIFICATE-----

        """
    private static let otherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2wR6UoWEEc0PkieD
        TwX1G7zZwWVx1WvKv3pcjnvyCxGhRANCAASeW7bhXK8z6YNbUz4QyAL/obZtOaQw
        JVLRnj0g66Yjko6vtaI2gM1nly1WxO91DzEpBJ9X5JFnFqmLR9aHYB2J
        -----END PRIVATE KEY-----

        """
}
