using Spectre.Console;

namespace Prometheus.Grid.Cli.Output;

/// <summary>Progress as a bar on stderr. Kept apart so that Spectre.Console is loaded only where a bar is drawn.</summary>
internal static class ProgressBar
{
    public static async Task<T> RunAsync<T>(string title, Func<IProgress<Step>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error),
            ColorSystem = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => work(new Bar(context.AddTask(Markup.Escape(title), maxValue: 1))));
    }

    private sealed class Bar(ProgressTask task) : IProgress<Step>
    {
        public void Report(Step value)
        {
            task.Description = Markup.Escape(value.Title);
            task.Value = value.Done;
        }
    }
}
