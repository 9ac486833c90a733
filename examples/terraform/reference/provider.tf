# Whatever is absent is taken from the environment and from clouds.yaml, as other OpenStack clients do.
provider "ottava" {
  endpoint_type = "public"
}

# The same provider under the name that configurations for the OpenStack provider use.
provider "openstack" {
  max_retries = 5
}
