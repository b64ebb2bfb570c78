# The AWS SDKs for Java, version 2 and version 1: of each the newest, and the last that speaks Query; and the extended client.
. "$(dirname "$0")/both-modes.sh"
COPY=org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies
SETTINGS=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dcom.amazonaws.sdk.disableEc2Metadata=true -Daws.java.v1.disableDeprecationAnnouncement=true)
what="AWS SDKs for Java, extended client for Java"

build() {
  timeout "$INSTALL_SECONDS_MAX" mvn --batch-mode --quiet --no-transfer-progress -f test/clients/java/pom.xml \
    "-Dmaven.repo.local=$MILLRACE_CLIENTS_CACHE/maven" "$COPY" -DincludeScope=runtime "-DoutputDirectory=$1/\${project.artifactId}" || return 1
  local build sources
  for build in v1-json v1-query v2-json v2-query; do
    sources=(test/clients/java/Tally.java test/clients/java/"${build%-*}"/*.java)
    if [ "$build" = v2-json ]; then sources+=(test/clients/java/extended/*.java); fi
    javac -nowarn -XDignore.symbol.file -Xlint:none -d "$1/$build/classes" -cp "$1/$build/*" "${sources[@]}" || return 1
  done
}

if ! command -v javac >/dev/null || ! command -v mvn >/dev/null; then
  missing+=("$what (no JDK with Maven)")
elif ! installed java test/clients/java build; then
  missing+=("$what (could not be built)")
else
  for build in v1-json v1-query v2-json v2-query; do
    folder=$MILLRACE_CLIENTS_CACHE/java/$build
    in_both_modes java "${SETTINGS[@]}" -cp "$folder/classes:$folder/*" Main
    if [ "$build" = v2-json ]; then in_both_modes java "${SETTINGS[@]}" -cp "$folder/classes:$folder/*" Extended; fi
  done
fi
conclude
