using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Architecture.Tests;

/// <summary>eng/Audit.props against a registry of the test's own, with and without what it knows of flaws.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-audit-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_package_with_a_known_flaw_fails_the_audit_and_a_registry_that_knows_of_none_does_not()
    {
        using var knowing = new Registry(knowsFlaws: true);
        using var unknowing = new Registry(knowsFlaws: false);
        var strict = await RestoreAsync(knowing, "-p:GridAudit=strict");
        Assert.Contains("error NU1903", strict.Output, StringComparison.Ordinal);
        Assert.Contains("Package 'Flawed.Package' 1.0.0 has a known high severity vulnerability", strict.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, strict.ExitCode);
        var stranger = await RestoreAsync(knowing);
        Assert.Contains("warning NU1903", stranger.Output, StringComparison.Ordinal);
        Assert.Equal(0, stranger.ExitCode);
        var silent = await RestoreAsync(unknowing, "-p:GridAudit=strict");
        Assert.True(silent.ExitCode == 0, silent.Output);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<(int ExitCode, string Output)> RestoreAsync(Registry registry, params string[] more)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N"))).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "audited.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><UseAppHost>false</UseAppHost><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup>
              <Import Project="{Path.Combine(TestData.RepositoryRoot, "eng", "Audit.props")}" />
              <ItemGroup><PackageReference Include="Flawed.Package" Version="1.0.0" /></ItemGroup>
            </Project>
            """,
            Token);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "nuget.config"),
            $"""<configuration><packageSources><clear /><add key="own" value="{registry.Index}" protocolVersion="3" allowInsecureConnections="true" /></packageSources></configuration>""",
            Token);
        var start = new ProcessStartInfo("dotnet", ["restore", "-nodeReuse:false", "-v:m", .. more]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NUGET_PACKAGES"] = Path.Combine(folder, "packages");
        start.Environment["NUGET_HTTP_CACHE_PATH"] = Path.Combine(folder, "cache");
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, output + await errors);
    }

    /// <summary>A registry with one package, over HTTP on this machine.</summary>
    private sealed class Registry : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Dictionary<string, byte[]> _answers;

        public Registry(bool knowsFlaws)
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                _listener.Prefixes.Add($"http://{free.LocalEndpoint}/");
            }
            string root = _listener.Prefixes.Single(), flaws = knowsFlaws ? $$""",{"@id":"{{root}}flaws","@type":"VulnerabilityInfo/6.7.0"}""" : "";
            Index = $"{root}index.json";
            _answers = new()
            {
                ["/index.json"] = Utf8($$"""{"version":"3.0.0","resources":[{"@id":"{{root}}flat/","@type":"PackageBaseAddress/3.0.0"}{{flaws}}]}"""),
                ["/flat/flawed.package/index.json"] = """{"versions":["1.0.0"]}"""u8.ToArray(),
                ["/flat/flawed.package/1.0.0/flawed.package.1.0.0.nupkg"] = Package(),
                ["/flaws"] = Utf8($$"""[{"@name":"base","@id":"{{root}}base","@updated":"2026-01-01T00:00:00Z","comment":"all"}]"""),
                ["/base"] = """{"flawed.package":[{"severity":2,"url":"https://example.com/advisory","versions":"(, 2.0.0)"}]}"""u8.ToArray(),
            };
            _listener.Start();
            _ = AnswerAsync();
        }

        public string Index { get; }

        public void Dispose() => _listener.Close();

        private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

        private static byte[] Package()
        {
            using var bytes = new MemoryStream();
            using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            {
                using (var nuspec = new StreamWriter(zip.CreateEntry("Flawed.Package.nuspec").Open()))
                    nuspec.Write("""<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata><id>Flawed.Package</id><version>1.0.0</version><authors>a</authors><description>d</description></metadata></package>""");
                zip.CreateEntry("lib/net10.0/_._");
            }
            return bytes.ToArray();
        }

        private async Task AnswerAsync()
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    bool isKnown = _answers.TryGetValue(context.Request.Url!.AbsolutePath, out byte[]? answer);
                    context.Response.StatusCode = isKnown ? 200 : 404;
                    context.Response.Close(answer ?? [], willBlock: false);
                }
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                // The test has ended.
            }
        }
    }
}
