using System.Text.Json;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Translation;

/// <summary>Errors of the domain as problems, and back. The domain names members of requests; the API calls them by their JSON names.</summary>
public static class Problems
{
    /// <summary>Status of a request that its caller, or its deadline, ended.</summary>
    public const int DeadlineStatus = 504;

    private const string Urn = "urn:prometheus-grid:";

    // Only members of requests are renamed: a field can also be a place in a file.
    private static readonly Dictionary<string, string> s_jsonNames = MemberNames().ToDictionary(name => name, JsonNamingPolicy.SnakeCaseLower.ConvertName, StringComparer.Ordinal);
    private static readonly Dictionary<string, string> s_members = s_jsonNames.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>The problem that an error is.</summary>
    /// <param name="error">An error of the domain.</param>
    /// <param name="requestId">Under which the log has the request.</param>
    public static ProblemMessage ToProblem(this GridException error, string? requestId = null) => error switch
    {
        BadInputException refused when s_jsonNames.TryGetValue(refused.Field, out string? name) =>
            new(Urn + "bad-input", "A value is not acceptable", 400, refused.MessageWith(name), ErrorKind.BadInput, requestId, name, refused.Allowed),
        BadInputException refused =>
            new(Urn + "bad-input", "A value is not acceptable", 400, refused.Message, ErrorKind.BadInput, requestId, refused.Field, refused.Allowed),
        NotFoundException missing =>
            new(Urn + "not-found", "Something named does not exist", 404, missing.Message, ErrorKind.NotFound, requestId, What: missing.What, Key: missing.Key),
        GridFaultException { CanRetry: true } fault =>
            new(Urn + "fault", "The grid cannot answer now", 503, fault.Message, ErrorKind.Fault, requestId, CanRetry: true),
        _ => new(Urn + "fault", "The grid failed", 500, error.Message, ErrorKind.Fault, requestId, CanRetry: false),
    };

    /// <summary>The error that a problem tells of.</summary>
    public static GridException ToException(this ProblemMessage problem) => problem.Kind switch
    {
        ErrorKind.BadInput => FromRefusal(problem),
        ErrorKind.NotFound => NotFoundException.FromMessage(problem.Detail, problem.What ?? "", problem.Key ?? ""),
        _ => new GridFaultException(problem.Detail, problem.CanRetry ?? problem.Status is 429 or 503 or DeadlineStatus),
    };

    private static BadInputException FromRefusal(ProblemMessage problem)
    {
        string field = problem.Field ?? "";
        string member = s_members.GetValueOrDefault(field, field);
        string message = problem.Detail.StartsWith(field, StringComparison.Ordinal) ? member + problem.Detail[field.Length..] : problem.Detail;
        return BadInputException.FromMessage(message, member, problem.Allowed ?? "");
    }

    private static IEnumerable<string> MemberNames() =>
        new[]
        {
            typeof(SimilarityQuery), typeof(SimilarityFilter), typeof(SimilarityTarget.Entity), typeof(JointQuery), typeof(JointListing), typeof(StateQuery),
            typeof(HistoryQuery), typeof(NumericBackfill), typeof(JointProfileBackfill), typeof(PortfolioBackfill), typeof(DateRange),
        }.SelectMany(type => type.GetProperties().Select(property => property.Name)).Append(nameof(SimilarityTarget.Text)).Append(nameof(SimilarityTarget.Vector)).Distinct(StringComparer.Ordinal);
}
