using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Synthetic;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>The one table from what went wrong to the exit code.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>An answer with parts missing, asked for as such.</summary>
    public const int Partial = 4;

    public static int Of(ErrorKind kind) => kind switch
    {
        ErrorKind.Fault => 1,
        ErrorKind.BadInput => 2,
        ErrorKind.NotFound => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind of error"),
    };

    public static int For(Exception error) => Of(KindOf(error));

    /// <summary>True for what can happen to a sound program; anything else is a bug and shows its stack.</summary>
    public static bool IsExpected(Exception error) =>
        error is GridException or SyntheticMarketException or OperationCanceledException or IOException or UnauthorizedAccessException or HttpRequestException;

    public static string Describe(Exception error) => error switch
    {
        OperationCanceledException => "stopped; what was committed stays, and the same command goes on from there",
        GridFaultException { CanRetry: true } => $"{error.Message} (the same command may succeed later)",
        BadInputException refused => Flags.Describe(refused),
        _ => error.Message,
    };

    private static ErrorKind KindOf(Exception error) => error switch
    {
        GridException expected => expected.Kind,
        SyntheticMarketException => ErrorKind.BadInput,
        _ => ErrorKind.Fault,
    };
}
