using System.Text.Json;
using System.Text.Json.Serialization;

namespace Interline.Accounts.Documents;

/// <summary>Reads and writes the documents, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyDocument))]
[JsonSerializable(typeof(TeamDocument))]
[JsonSerializable(typeof(UserDocument))]
[JsonSerializable(typeof(CustomerDocument))]
[JsonSerializable(typeof(BudgetDocument))]
[JsonSerializable(typeof(TagDocument))]
[JsonSerializable(typeof(ModelDocument))]
public sealed partial class AccountJson : JsonSerializerContext;
