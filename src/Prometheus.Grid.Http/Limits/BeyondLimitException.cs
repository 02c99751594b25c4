using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Http.Limits;

/// <summary>A request asks for more than the server serves at once: well formed, but too much.</summary>
internal sealed class BeyondLimitException(string field, int value, int most) : Exception($"{field} is {value}, the limit is {most}")
{
    public BadInputException Error { get; } = new(field, value, $"at most {most}, a limit of this server");

    /// <summary>Refuses a value beyond a limit.</summary>
    public static void Check(string field, int value, int most)
    {
        if (value > most)
            throw new BeyondLimitException(field, value, most);
    }
}
