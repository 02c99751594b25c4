using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>A line an event: errors are told with their causes and without their stacks, which <see cref="SiloSettings.Verbose"/> brings back.</summary>
internal sealed class OneLineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "grid";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        for (var cause = logEntry.Exception; cause is not null; cause = cause.InnerException)
            message += $": {cause.GetType().Name}: {cause.Message}";
        textWriter.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ} {logEntry.LogLevel} {logEntry.Category}: {string.Join(' ', message.Split('\n', StringSplitOptions.TrimEntries))}"));
    }
}
