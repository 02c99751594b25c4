using System.CommandLine;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>A command that does something: its flags are fields of the subclass, its work is <see cref="RunAsync"/>.</summary>
internal abstract class GridCommand : Command
{
    protected GridCommand(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        SetAction(async (parsed, cancellationToken) =>
        {
            await using var context = new CommandContext(parsed);
            int exitCode = await RunAsync(context, cancellationToken);
            // What has succeeded is printed, also where somebody wants to stop now: a server succeeds by being stopped.
            await context.FlushAsync(CancellationToken.None);
            return exitCode;
        });
    }

    /// <summary>Whole command lines that work, for the help.</summary>
    public string[] Examples { get; }

    /// <summary>Does the work and returns the exit code; errors are thrown.</summary>
    protected abstract Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken);
}
