# The source is formatted, free of the linter's findings, and correctly typed. (`npm run check` runs the same before a commit.)
set -euo pipefail
npm run --silent format:check
npm run --silent lint
npm run --silent types
