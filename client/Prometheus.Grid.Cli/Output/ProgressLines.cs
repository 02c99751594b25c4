using System.Globalization;

namespace Prometheus.Grid.Cli.Output;

/// <summary>Progress as plain lines, for logs: one at each quarter of a piece of work, none for work that is done at once.</summary>
internal sealed class ProgressLines : IProgress<Step>
{
    private readonly Lock _lock = new();
    private string _title = "";
    private int _quarter;

    public void Report(Step value)
    {
        int quarter = (int)(value.Done * 4);
        lock (_lock)
        {
            if (value.Title != _title)
                (_title, _quarter) = (value.Title, 0);
            if (quarter <= _quarter || quarter == 4)
                return;
            _quarter = quarter;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Title}: {value.Done * 100:F0}%"));
        }
    }
}
