using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables;

/// <summary>Turns what the operating system refuses into faults that tell the user what to do.</summary>
internal static class FileFault
{
    private const int NoSpaceUnix = 28;
    private const int QuotaUnix = 122;
    private const int NoSpaceWindows = unchecked((int)0x80070070);

    /// <summary>True for errors of files and folders, as opposed to errors of the program.</summary>
    public static bool IsFileError(Exception error) => error is IOException or UnauthorizedAccessException;

    /// <summary>The fault to report when <paramref name="doing"/> failed.</summary>
    public static GridFaultException From(string doing, Exception error)
    {
        if (error is IOException { HResult: NoSpaceUnix or QuotaUnix or NoSpaceWindows })
            return new GridFaultException($"{doing}: the disk is full; free space and run the command again, committed work is kept", canRetry: true, error);
        return new GridFaultException($"{doing}: {error.Message}", canRetry: error is IOException, error);
    }
}
