# Sourced by the scripts that restore and build: quiet dotnet settings, and one line that says why it failed and what to do.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Build servers would outlive the script and, worse, hold on to the environment of whoever started them.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
quiet=(-nodeReuse:false -v:q -clp:NoSummary)

need_dotnet() {
    command -v dotnet >/dev/null && return
    echo "dotnet is missing: install the .NET SDK 10 (https://dotnet.microsoft.com/download) and try again" >&2
    exit 1
}

# restore_failure LOG: one line: the packages that a restore could not have, each with its version, and what to do about it.
restore_failure() {
    local packages
    packages=$(grep -oE "error NU[0-9]+: [^[]*" "$1" | sed -nE \
        -e "s/.*depends on ([^ ]+) \(>= ([^)]+)\) but .* was not found.*/\1 \2/p" \
        -e "s/.*[Uu]nable to find package '?([A-Za-z0-9._-]*[A-Za-z0-9])'? with version \([>=]* *([^)]+)\).*/\1 \2/p" \
        -e "s/.*[Uu]nable to find (a stable )?package '?([A-Za-z0-9._-]*[A-Za-z0-9])'?(\.| No packages).*/\2/p" \
        -e "s/.*FindPackagesById\(\)\?id='([^']+)'.*/\1/p" | sort -u | paste -sd ',' - | sed 's/,/, /g')
    if [[ -n $packages ]]; then
        echo "cannot restore $packages: not in the package sources that 'dotnet nuget list source' names; add one that has it (such as nuget.org); log: $1"
    else
        echo "cannot restore: $(first_error "$1"); log: $1"
    fi
}

# build_failure WHAT LOG: one line: what did not build, the first error, and where the others are.
build_failure() {
    echo "the build of $1 failed: $(first_error "$2"); log: $2"
}

first_error() {
    local line
    line=$(grep -m 1 -oE "error [A-Za-z]+[0-9]+: .*" "$1" | sed -E 's/ \[[^]]*\]$//') || line=$(tail -n 1 "$1")
    echo "${line:-dotnet said nothing}"
}

# native_options: one a line, what compiles our code ahead of time for this machine, which halves the start-up time; nothing where there is no such compiler.
native_options() {
    local runtime instructions=
    case $(uname -sm) in
        # Vectors of 256 bits are compiled too, which the default leaves to the first run: a backfill of 10,000 issuers takes a fifth less
        # time. A processor without them compiles those methods when it gets to them, as it would without this option.
        "Linux x86_64") runtime=linux-x64 instructions=x86-64-v3 ;;
        "Linux aarch64") runtime=linux-arm64 ;;
        "Darwin x86_64") runtime=osx-x64 instructions=x86-64-v3 ;;
        "Darwin arm64") runtime=osx-arm64 ;;
        *) return 0 ;;
    esac
    printf '%s\n' -r "$runtime" -p:PublishReadyToRun=true -p:SelfContained=false
    [[ -z $instructions ]] || printf '%s\n' "-p:PublishReadyToRunCrossgen2ExtraArgs=--instruction-set:$instructions"
}
