# Everything a developer or a machine runs. Each target installs what it needs and finds missing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= /usr/local

.PHONY: help setup build demo run install install-terraform-provider terraform-documentation documentation test test-conformance test-kubernetes torture \
	format lint bench clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

setup: ## Install what the service and its tests need (Debian, Ubuntu)
	@scripts/setup

build: setup ## Build the program (debug)
	swift build --product ottava

demo: build ## Create a load balancer in front of two backends and watch it work; Ctrl-C cleans up
	@scripts/demo .build/debug/ottava

run: setup ## Build the program (release) and serve from ./ottava-data
	swift build -c release --product ottava
	.build/release/ottava serve

install: setup ## Install the program (release), its manual pages and completions below PREFIX (/usr/local)
	swift build -c release --static-swift-stdlib --product ottava
	scripts/install .build/release/ottava "$(DESTDIR)$(PREFIX)"

documentation: setup ## Make the reference of the client library (DocC); warnings are errors
	swift build --target OctaviaClient
	scripts/documentation

test: setup ## Check the format, build, run all tests
	@scripts/test

test-kubernetes: setup ## Run the tests of Kubernetes alone: the controllers against a real kube-apiserver
	swift build --build-tests
	scripts/kube-apiserver
	swift test --skip-build --filter '^(KubernetesClient|KubernetesControllers|OttavaKubernetesCommand)Tests\.'

test-conformance: ## Have other people's tests judge the API: tempest, schemathesis, the official clients
	@scripts/test-conformance

torture: setup ## Kill, pause and restart everything at random while clients work: KILLS=1000 SEED=7
	swift build --product ottava
	swift build --product ottava-torture
	.build/debug/ottava-torture --kills $(or $(KILLS),1000) $(if $(SEED),--seed $(SEED))

format: ## Format the sources
	swift format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks

lint: ## Check the format
	swift format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks

bench: setup ## Measure a release build
	swift build -c release --product ottava
	swift build -c release --product ottava-kubernetes
	swift build -c release --product terraform-provider-ottava
	swift build -c release --product ottava-benchmarks
	.build/release/ottava-benchmarks .build/release/ottava

install-terraform-provider: setup ## Build the Terraform provider (release) and put it where terraform init finds it without a network
	swift build -c $(or $(CONFIGURATION),release) --product terraform-provider-ottava
	@scripts/install-terraform-provider .build/$(or $(CONFIGURATION),release)/terraform-provider-ottava

terraform-documentation: setup ## Write docs/terraform anew from the schemas of the Terraform provider
	swift build --product terraform-provider-ottava
	rm -rf docs/terraform
	.build/debug/terraform-provider-ottava --documentation docs/terraform examples/terraform/reference

clean: ## Remove what was built
	rm -rf .build
