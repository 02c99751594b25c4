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
