# The examples of the documentation, together one configuration. The login is that of an operator.
terraform {
  required_providers {
    ottava    = { source = "ottava/ottava" }
    openstack = { source = "ottava/ottava" }
  }
}

variable "subnet_id" { type = string }
variable "network_id" { type = string }
variable "project_id" { type = string }
