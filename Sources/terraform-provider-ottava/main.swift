// The Terraform provider's program.

internal import TerraformPlugin
internal import TerraformProvider

await PluginServer.main(OttavaProvider(), address: OttavaProvider.address)
