resource "openstack_lb_quota_v2" "example" {
  project_id   = var.project_id
  loadbalancer = 20
  member       = -1
}
