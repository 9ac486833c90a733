// Where the services of a cloud are.

/// The catalog of a token.
public struct ServiceCatalog: Sendable, Hashable {
    /// One URL of one service.
    public struct Endpoint: Sendable, Hashable {
        /// The type of the service: `load-balancer`, `network`, …
        public var service: String
        /// The region; absent where there are none.
        public var region: String?
        /// Who the endpoint is for.
        public var interface: EndpointInterface
        /// The URL, as the catalog has it.
        public var url: String

        /// Makes one; parameters that are not given have their usual values.
        public init(service: String, region: String?, interface: EndpointInterface, url: String) {
            self.service = service
            self.region = region
            self.interface = interface
            self.url = url
        }
    }

    /// In the order of the catalog.
    public var endpoints: [Endpoint]

    /// Makes one; parameters that are not given have their usual values.
    public init(_ endpoints: [Endpoint] = []) {
        self.endpoints = endpoints
    }

    init(_ token: AnswerReader) throws(CloudError) {
        endpoints = []
        for service in try token.objects("catalog") {
            let type = try service.textOrEmpty("type")
            for endpoint in try service.objects("endpoints") {
                // Interfaces that this library does not know are not for it.
                guard let name = try endpoint.textIfAny("interface"), let interface = EndpointInterface(rawValue: name),
                    let url = try endpoint.textIfAny("url")
                else { continue }
                let region = try endpoint.textIfAny(either: "region_id", "region")
                endpoints.append(Endpoint(service: type, region: region, interface: interface, url: url))
            }
        }
    }

    /// The endpoint of a service: the first interface that there is.
    ///
    /// - Throws: ``CloudError`` with code ``CloudError/Code/noEndpoint`` that says what the catalog has.
    public func endpoint(
        service: String, region: String?, interfaces: [EndpointInterface]
    ) throws(CloudError) -> Endpoint {
        let ofService = endpoints.filter { $0.service == service }
        let inRegion = ofService.filter { region == nil || $0.region == region }
        for interface in interfaces {
            if let match = inRegion.first(where: { $0.interface == interface }) { return match }
        }
        let reason: String
        if ofService.isEmpty {
            let types = Set(endpoints.map(\.service)).sorted()
            reason =
                "the catalog has no service '\(service)', but \(types.isEmpty ? "none" : types.joined(separator: ", "))"
        } else if inRegion.isEmpty {
            let regions = Set(ofService.compactMap(\.region)).sorted()
            reason =
                "service '\(service)' is not in region '\(region ?? "")', but in \(regions.joined(separator: ", "))"
        } else {
            let names = Set(inRegion.map(\.interface.rawValue)).sorted()
            reason =
                "service '\(service)' has no \(interfaces.map(\.rawValue).joined(separator: " or ")) endpoint, "
                + "but \(names.joined(separator: ", "))"
        }
        throw CloudError(.noEndpoint, reason)
    }
}
