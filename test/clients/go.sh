# The AWS SDK for Go v2 and the calls of KEDA's SQS scaler through it. go.mod has the newest, query.mod the last that speaks Query.
. "$(dirname "$0")/both-modes.sh"
export GOMODCACHE=$MILLRACE_CLIENTS_CACHE/go-modules GOCACHE=$MILLRACE_CLIENTS_CACHE/go-build GOFLAGS=-modcacherw GOTOOLCHAIN=local

# Where Go's own archive is unpacked, by its instructions.
PATH=$PATH:/usr/local/go/bin

build() {
  (cd test/clients/go && timeout "$INSTALL_SECONDS_MAX" go build -o "$1/json" .) || return 1
  (cd test/clients/go && timeout "$INSTALL_SECONDS_MAX" go build -tags query -modfile=query.mod -o "$1/query" .)
}

if ! command -v go >/dev/null; then
  missing+=("AWS SDK for Go v2, calls of KEDA (no go)")
elif ! installed go test/clients/go build; then
  missing+=("AWS SDK for Go v2, calls of KEDA (could not be built)")
else
  for protocol in json query; do in_both_modes "$MILLRACE_CLIENTS_CACHE/go/$protocol"; done
fi
conclude
