namespace Prometheus.Grid.Cli.Output;

/// <summary>What a command says beside its data, on stderr.</summary>
internal sealed class Messages(bool quiet)
{
    public void Say(string message)
    {
        if (!quiet)
            Console.Error.WriteLine(message);
    }

    /// <summary>Runs work that reports its progress: as a bar on a terminal, as lines elsewhere, not at all when quiet.</summary>
    /// <param name="title">Names the work until its reports do.</param>
    public Task<T> TrackAsync<T>(string title, Func<IProgress<Step>, Task<T>> work)
    {
        if (quiet)
            return work(new NoProgress());
        bool isTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return isTerminal ? ProgressBar.RunAsync(title, work) : work(new ProgressLines());
    }

    private sealed class NoProgress : IProgress<Step>
    {
        public void Report(Step value)
        {
        }
    }
}

/// <summary>How far a piece of work has come.</summary>
/// <param name="Title">What is being worked on.</param>
/// <param name="Done">How much of it, 0 … 1.</param>
internal readonly record struct Step(string Title, double Done);
