// Public clouds that openstacksdk knows by name.

internal import JSON

/// Where the clouds are that `profile` in clouds.yaml may name without a clouds-public.yaml.
///
/// Only those with version 3 of the Identity API, and of them only what a login needs.
enum CloudProfiles {
    static let named: [String: [String: JSONValue]] = [
        "auro": profile("https://api.van2.auro.io:5000/v3", ["RegionOne"], domain: "Default"),
        "binero": profile("https://auth.binero.cloud:5000/v3", ["europe-se-1"]),
        "citycloud": profile(
            "https://{region_name}.citycloud.com:5000/v3/", ["Buf1", "Fra1", "Sto2", "Kna1", "dx1", "tky1"]),
        "dreamcompute": profile("https://iad2.dream.io:5000", ["RegionOne"]),
        "elastx": profile("https://ops.elastx.cloud:5000/v3", ["se-sto"]),
        "entercloudsuite": profile("https://api.entercloudsuite.com/", ["it-mil1", "nl-ams1", "de-fra1"]),
        "limestonenetworks": profile("https://auth.cloud.lstn.net:5000/v3", ["us-dfw-1", "us-slc"]),
        "otc": profile("https://iam.{region_name}.otc.t-systems.com/v3", ["eu-de", "eu-nl"]),
        "ovh-us": profile(
            "https://auth.cloud.ovh.us/", ["US-EAST-VA-1", "US-WEST-OR-1", "US-EAST-VA", "US-WEST-OR"],
            domain: "Default"),
        "switchcloud": profile("https://identity.compute.cloud.switch.ch/v3", ["zhw", "zhc"]),
        "switchengines": profile("https://keystone.cloud.switch.ch:5000/v3", ["LS", "ZH"]),
        "zetta": profile("https://identity.api.zetta.io/v3", ["no-osl1"]),
    ]

    private static func profile(_ url: String, _ regions: [JSONValue], domain: JSONValue? = nil) -> [String: JSONValue]
    {
        var auth: [String: JSONValue] = ["auth_url": .string(url)]
        auth["user_domain_name"] = domain
        auth["project_domain_name"] = domain
        return ["auth": .object(auth), "regions": .array(regions)]
    }
}
