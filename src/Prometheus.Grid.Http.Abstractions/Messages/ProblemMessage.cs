using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Http.Messages;

/// <summary>An error, as problem details of RFC 9457 with the grid's own three kinds.</summary>
/// <param name="Type">A URN that stands for the kind of problem.</param>
/// <param name="Title">The kind of problem in a few words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong, with names and values.</param>
/// <param name="Kind">Whose fault it is.</param>
/// <param name="RequestId">Under which the server's log has the request.</param>
/// <param name="Field">The member of the request or the parameter that is refused.</param>
/// <param name="Allowed">What would be accepted in its place.</param>
/// <param name="What">What was not found, for example <c>issuer</c>.</param>
/// <param name="Key">The key that was not found.</param>
/// <param name="CanRetry">Whether the same request may succeed later.</param>
public sealed record ProblemMessage(
    string Type,
    string Title,
    int Status,
    string Detail,
    ErrorKind Kind,
    string? RequestId = null,
    string? Field = null,
    string? Allowed = null,
    string? What = null,
    string? Key = null,
    bool? CanRetry = null);

/// <summary>Who the server takes the caller for.</summary>
/// <param name="Name">The name of the key, or <c>anyone</c>.</param>
/// <param name="Role">What it may do.</param>
/// <param name="NeedsKey">Whether the server asks for keys.</param>
public sealed record WhoAmI(string Name, GridRole Role, bool NeedsKey);

/// <summary>What a key may do.</summary>
public enum GridRole
{
    /// <summary>Ask.</summary>
    Read,

    /// <summary>Ask, store vectors, and run backfills.</summary>
    Write,
}
