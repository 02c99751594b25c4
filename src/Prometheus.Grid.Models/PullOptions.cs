namespace Prometheus.Grid.Models;

/// <summary>How long a pull waits, and where it looks for package sources.</summary>
public sealed record PullOptions
{
    /// <summary>A source that has not answered for this long is passed over.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A download that has brought nothing for this long is interrupted.</summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where the search for nuget.config begins, as <c>dotnet restore</c> does in its folder.</summary>
    public string ConfigurationFolder { get; init; } = Environment.CurrentDirectory;
}

/// <summary>Told what a pull does while it does it.</summary>
public interface IPullListener
{
    /// <summary>A piece of work has come so far.</summary>
    /// <param name="what">A file and where it comes from.</param>
    /// <param name="share">What is there of it, 0 to 1.</param>
    void Progressed(string what, double share);

    /// <summary>A source was passed over and the next one is asked.</summary>
    /// <param name="reason">One line.</param>
    void PassedOver(string reason);
}

/// <summary>A file of a model after a pull.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">Where it came from; null when the right file was there already.</param>
public sealed record PulledFile(string Name, string? Source);
