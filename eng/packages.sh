# Sourced by the scripts that restore packages: quiet dotnet settings, and what to say when a package is not to be had.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Build servers would outlive the script and, worse, hold on to the environment of whoever started them.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

need_dotnet() {
    command -v dotnet >/dev/null && return
    echo "dotnet is missing: install the .NET SDK 10 (https://dotnet.microsoft.com/download) and try again" >&2
    exit 1
}

# missing_packages LOG: the packages that a failed restore could not find or reach, by name, on one line.
missing_packages() {
    grep -oE "error NU1(101|102|103|301): [^[]*" "$1" \
        | sed -nE "s/.*[Uu]nable to find (a stable )?package '?([A-Za-z0-9._-]+[A-Za-z0-9])'?.*/\2/p; s/.*FindPackagesById\(\)\?id='([^']+)'.*/\1/p" \
        | sort -u | paste -sd ' ' -
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
