using System.Diagnostics;
using System.Text;
using Npgsql;

namespace Prometheus.Grid.Tests;

/// <summary>
/// A Postgres server of this process's own, in a folder of its own, on a Unix socket, so that tests neither need nor touch a server of the
/// machine. It ends with this process, however that ends.
/// </summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    /// <summary>The name of a server's socket in its folder.</summary>
    public const string SocketName = ".s.PGSQL.5432";

    private const string UserName = "grid_test";

    // The shell owns the server and waits for its own standard input to close. When this process is killed the pipe closes, and the
    // server gets the immediate stop that SIGQUIT means to it.
    private const string EndWithParent = "\"$@\" & server=$!; read -r _; kill -QUIT $server; wait $server";

    private static readonly string[] s_accounts = ["postgres", "nobody"];
    private static readonly Lazy<string?> s_binaries = new(FindBinaries);
    private static readonly Lazy<string?> s_account = new(FindAccount);
    private readonly string _folder;
    private readonly bool _isDurable;
    private readonly string[] _settings;
    private Process? _server;

    private PrivatePostgres(string folder, bool isDurable, string[] settings)
    {
        _settings = settings;
        _folder = folder;
        _isDurable = isDurable;
    }

    /// <summary>Why no server can be started here, or null when one can.</summary>
    public static string? WhyNot =>
        s_binaries.Value is null ? "no Postgres binaries (initdb, postgres) in PATH or /usr/lib/postgresql/*/bin"
        : IsRoot && s_account.Value is null ? "Postgres refuses to run as root, and this machine has no setpriv or no account postgres or nobody"
        : null;

    /// <summary>The Unix socket that the server listens on.</summary>
    public string Socket => Path.Combine(_folder, SocketName);

    /// <summary>The process that the server and its sessions descend from; only while it runs.</summary>
    public int ProcessId => _server!.Id;

    private string DataFolder => Path.Combine(_folder, "data");

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>Initialises a server and starts it.</summary>
    /// <param name="isDurable">True for tests of crashes: commits reach the disk. Else the server skips fsync and is several times faster.</param>
    /// <param name="folder">An existing empty folder to live in, or null for a temporary one.</param>
    /// <param name="settings">Settings as <c>name=value</c> that replace the ones for small tests.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<PrivatePostgres> StartAsync(
        bool isDurable = false, string? folder = null, string[]? settings = null, CancellationToken cancellationToken = default)
    {
        if (WhyNot is { } reason)
            throw new InvalidOperationException(reason);
        // Short, because a Unix socket's path has at most 107 bytes.
        folder ??= Directory.CreateTempSubdirectory("pg-").FullName;
        var server = new PrivatePostgres(folder, isDurable, settings ?? []);
        if (IsRoot)
            await RunAsync("chown", [s_account.Value!, folder], cancellationToken);
        string[] initdb = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-U", UserName, "-D", server.DataFolder];
        (string program, var arguments) = Unprivileged("initdb", initdb);
        await RunAsync(program, arguments, cancellationToken);
        await server.StartAgainAsync(cancellationToken);
        return server;
    }

    /// <summary>Starts the server after a stop, and returns when it takes connections.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        string durable = _isDurable ? "on" : "off";
        string[] settings =
        [
            "-D", DataFolder, "-k", _folder, "-c", "listen_addresses=", "-c", "max_connections=100", "-c", "shared_buffers=128MB",
            "-c", $"fsync={durable}", "-c", $"synchronous_commit={durable}", "-c", $"full_page_writes={durable}",
            .. _settings.SelectMany(setting => (string[])["-c", setting]),
        ];
        (string program, var arguments) = Unprivileged("postgres", settings);
        var start = new ProcessStartInfo("sh", ["-c", EndWithParent, "sh", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new StringBuilder();
        process.EnableRaisingEvents = true;
        void Fail()
        {
            lock (log)
                ready.TrySetException(new InvalidOperationException($"Postgres did not start:\n{log}"));
        }

        process.Exited += (_, _) => Fail();
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (log)
                log.AppendLine(line.Data);
            if (line.Data is null)
                Fail();
            // "… connections" of a server, "… read-only connections" of one that follows another.
            else if (line.Data.Contains("ready to accept", StringComparison.Ordinal))
                ready.TrySetResult();
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _server = process;
        await ready.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Stops the server as a crash would: no checkpoint, sessions cut off.</summary>
    public async Task StopImmediatelyAsync(CancellationToken cancellationToken = default)
    {
        if (_server is not { } server)
            return;
        _server = null;
        server.StandardInput.Close();
        await server.WaitForExitAsync(cancellationToken);
        server.Dispose();
    }

    /// <summary>Creates a database, empty or a copy of another that nobody is connected to, and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name, string? template = null, CancellationToken cancellationToken = default)
    {
        await AdministerAsync($"CREATE DATABASE {name}{(template is null ? "" : $" TEMPLATE {template} STRATEGY file_copy")}", cancellationToken);
        return ConnectionString(name);
    }

    /// <summary>Copies this server into one that follows it, and lets commits here wait for it from then on.</summary>
    public async Task<PrivatePostgres> FollowAsync(CancellationToken cancellationToken)
    {
        var standby = new PrivatePostgres(Directory.CreateTempSubdirectory("pg-").FullName, _isDurable, _settings);
        if (IsRoot)
            await RunAsync("chown", [s_account.Value!, standby._folder], cancellationToken);
        (string program, var arguments) = Unprivileged(
            "pg_basebackup", ["-h", _folder, "-U", UserName, "-D", standby.DataFolder, "-R", "-X", "stream", "-c", "fast", "--no-sync"]);
        await RunAsync(program, arguments, cancellationToken);
        await standby.StartAgainAsync(cancellationToken);
        await AdministerAsync("ALTER SYSTEM SET synchronous_standby_names = '*'", cancellationToken);
        await AdministerAsync("SELECT pg_reload_conf()", cancellationToken);
        return standby;
    }

    /// <summary>Makes a standby a server that takes writes; returns when it is one.</summary>
    public Task PromoteAsync(CancellationToken cancellationToken) => AdministerAsync("SELECT pg_promote()", cancellationToken);

    /// <summary>Makes a tablespace of a folder, which from then on belongs to the server's account.</summary>
    public async Task CreateTablespaceAsync(string name, string folder, CancellationToken cancellationToken = default)
    {
        if (IsRoot)
            await RunAsync("chown", [s_account.Value!, folder], cancellationToken);
        await AdministerAsync($"CREATE TABLESPACE {name} LOCATION '{folder}'", cancellationToken);
    }

    /// <summary>The connection string of a database.</summary>
    public string ConnectionString(string database) => $"Host={_folder};Username={UserName};Database={database}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopImmediatelyAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AdministerAsync(string sql, CancellationToken cancellationToken)
    {
        await using var admin = NpgsqlDataSource.Create(ConnectionString("postgres") + ";Pooling=false");
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static (string Program, IEnumerable<string> Arguments) Unprivileged(string binary, IEnumerable<string> arguments)
    {
        string path = Path.Combine(s_binaries.Value!, binary);
        // A folder of links need not have one to each.
        if (!File.Exists(path) && File.ResolveLinkTarget(Path.Combine(s_binaries.Value!, "postgres"), returnFinalTarget: true) is FileInfo { DirectoryName: { } origin })
            path = Path.Combine(origin, binary);
        return IsRoot
            ? ("setpriv", [$"--reuid={s_account.Value}", $"--regid={s_account.Value}", "--clear-groups", path, .. arguments])
            : (path, arguments);
    }

    private static async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{await output}{errors}");
    }

    private static string? FindBinaries()
    {
        IEnumerable<string> path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        const string Debian = "/usr/lib/postgresql";
        var debian = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
            : [];
        return path.Concat(debian).FirstOrDefault(
            folder => folder.Length > 0 && IsProgram(Path.Combine(folder, "initdb")) && IsProgram(Path.Combine(folder, "postgres")));
    }

    // A link that points nowhere exists too, for .NET.
    private static bool IsProgram(string path) => File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is not { Exists: false };

    private static string? FindAccount()
    {
        if (!File.Exists("/etc/passwd") || !File.Exists("/usr/bin/setpriv"))
            return null;
        var accounts = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        var groups = File.ReadLines("/etc/group").Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        return s_accounts.FirstOrDefault(name => accounts.Contains(name) && groups.Contains(name));
    }
}
