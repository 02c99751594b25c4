using System.Globalization;

namespace Prometheus.Grid.Tests;

/// <summary>One private server for all tests of a process that do not stop it; each test has a database of its own.</summary>
public sealed class SharedPostgres : IAsyncLifetime
{
    private const string Template = "prepared";
    private readonly SemaphoreSlim _gate = new(1, 1);
    private PrivatePostgres? _server;
    private bool _hasTemplate;
    private int _databases;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _gate.Dispose();
    }

    /// <summary>Creates a database, or skips the test with the reason why it cannot be.</summary>
    /// <param name="prepare">
    /// Fills the first database, of which later ones are copies, given its connection string; null for an empty database. All tests of a
    /// process prepare alike.
    /// </param>
    public async Task<string> CreateDatabaseAsync(Func<string, Task>? prepare = null)
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        var cancellationToken = TestContext.Current.CancellationToken;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _server ??= await PrivatePostgres.StartAsync(cancellationToken: cancellationToken);
            if (prepare is not null && !_hasTemplate)
            {
                await prepare(await _server.CreateDatabaseAsync(Template, cancellationToken: cancellationToken));
                _hasTemplate = true;
            }
            string name = string.Create(CultureInfo.InvariantCulture, $"grid_{++_databases}");
            return await _server.CreateDatabaseAsync(name, prepare is null ? null : Template, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }
}
