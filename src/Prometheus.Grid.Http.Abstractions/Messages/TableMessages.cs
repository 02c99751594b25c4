using System.Text.Json.Serialization;

namespace Prometheus.Grid.Http.Messages;

/// <summary>A table that its caller has, such as one of the page, to be had as a Parquet file.</summary>
/// <param name="Columns">At least one, all of the same length.</param>
/// <param name="Name">What the file is called, without an ending.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TableRequest(IReadOnlyList<TableColumnMessage> Columns, string? Name = null);

/// <summary>A column: its cells are texts, numbers or dates, and null where there is none.</summary>
/// <param name="Name">Its name, which no other column has.</param>
/// <param name="Texts">The cells of a column of texts.</param>
/// <param name="Numbers">The cells of a column of numbers.</param>
/// <param name="Dates">The cells of a column of dates.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TableColumnMessage(
    string Name, IReadOnlyList<string?>? Texts = null, IReadOnlyList<double?>? Numbers = null, IReadOnlyList<DateOnly?>? Dates = null);
