// Use cases of providers: what flavors and availability zones can tell them.

public import OctaviaWire
public import ProviderDrivers

extension LoadBalancingService {
    /// The keys of flavors that a provider understands.
    public func flavorCapabilities(
        ofProvider name: String, _ caller: Caller
    ) throws(OctaviaFault) -> [ProviderCapability] {
        try requireService(caller, .providerFlavorList)
        return try enabledDriver(name).flavorCapabilities
    }

    /// The keys of availability zones that a provider understands.
    public func availabilityZoneCapabilities(
        ofProvider name: String, _ caller: Caller
    ) throws(OctaviaFault) -> [ProviderCapability] {
        try requireService(caller, .providerAvailabilityZoneList)
        guard let capabilities = try enabledDriver(name).availabilityZoneCapabilities else {
            throw .unsupportedAction(name, "availability zones")
        }
        return capabilities
    }
}
