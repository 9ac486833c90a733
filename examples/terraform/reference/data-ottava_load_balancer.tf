data "ottava_load_balancer" "example" {
  name = ottava_load_balancer.example.name
}

output "members" {
  value = data.ottava_load_balancer.example.pools["web"].members
}
