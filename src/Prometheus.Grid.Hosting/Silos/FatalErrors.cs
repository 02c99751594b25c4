namespace Prometheus.Grid.Hosting.Silos;

/// <summary>
/// Ends a silo that cannot go on, such as one that its cluster took for dead: in one line, where Orleans' own handler prints its stack twice and aborts.
/// </summary>
internal sealed class FatalErrors : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        Console.Error.WriteLine(FaultReport.Write("grid-silo", exception ?? new InvalidOperationException(context ?? "a fatal error of unknown cause")));
        Environment.Exit(1);
    }
}
