namespace Interline.Server.Pipeline;

/// <summary>
/// Lets pages of any origin call, as LiteLLM does: a key has to be sent by hand in a header, so there is no ambient credential another page could abuse.
/// </summary>
internal static class CrossOrigin
{
    /// <summary>Marks the answer to a page, and answers a preflight; true if it was one.</summary>
    public static bool Answers(HttpContext http)
    {
        IHeaderDictionary request = http.Request.Headers;
        if (request.Origin.Count == 0)
        {
            return false;
        }

        IHeaderDictionary answer = http.Response.Headers;
        answer.AccessControlAllowOrigin = "*";
        answer.AccessControlExposeHeaders = "*";
        if (!HttpMethods.IsOptions(http.Request.Method) || request.AccessControlRequestMethod.Count == 0)
        {
            return false;
        }

        answer.AccessControlAllowMethods = "GET, POST, OPTIONS";
        string wanted = request.AccessControlRequestHeaders.ToString();
        answer.AccessControlAllowHeaders = System.Text.Ascii.IsValid(wanted) ? wanted : "authorization, content-type";
        answer.AccessControlMaxAge = "3600";
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
